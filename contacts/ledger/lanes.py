"""Where the followers stand. A lane is a group of shards that stand at one place; a pass moves one lane.

All followers move together (`ledger_lane`, one row per shard). A follower that failed, is new, or is replayed falls
behind: it has its own rows in `follower_behind` until it has caught up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.backends.utils import CursorWrapper

type Position = tuple[int, int]  # (tx, event id): the last event that was followed

SHARDS = tuple(range(64))

_LANES = """
SELECT l.shard, l.tx, l.event_id, coalesce(b.names, '{}')
FROM ledger_lane l
LEFT JOIN (SELECT shard, array_agg(name ORDER BY name) AS names FROM follower_behind GROUP BY shard) b USING (shard)
WHERE l.shard = ANY(%s) ORDER BY l.shard FOR UPDATE OF l
"""
_MOVE = "UPDATE ledger_lane SET tx = %s, event_id = %s, moved_at = %s WHERE shard = ANY(%s)"
_FALL_BEHIND = """
INSERT INTO follower_behind (name, shard, tx, event_id)
SELECT n.name, l.shard, l.tx, l.event_id FROM ledger_lane l, unnest(%s::text[]) AS n(name)
WHERE l.shard = ANY(%s) AND (l.tx, l.event_id) = (%s, %s) ON CONFLICT (name, shard) DO NOTHING
"""
# A follower may go as far as the others, and as far as the slowest of its inputs.
_STRAGGLERS = """
SELECT b.shard, b.tx, b.event_id, l.tx, l.event_id, i.tx, i.event_id
FROM follower_behind b JOIN ledger_lane l USING (shard)
LEFT JOIN LATERAL (
    SELECT i.tx, i.event_id FROM follower_behind i
    WHERE i.shard = b.shard AND i.name = ANY(%s) ORDER BY i.tx, i.event_id LIMIT 1
) i ON true
WHERE b.name = %s AND b.shard = ANY(%s) ORDER BY b.shard FOR UPDATE OF b, l
"""
_MOVE_STRAGGLER = "UPDATE follower_behind SET tx = %s, event_id = %s WHERE name = %s AND shard = ANY(%s)"
_JOIN = """
DELETE FROM follower_behind b USING ledger_lane l
WHERE b.name = %s AND b.shard = ANY(%s) AND l.shard = b.shard AND (b.tx, b.event_id) = (l.tx, l.event_id)
  AND NOT EXISTS (SELECT FROM follower_behind i WHERE i.shard = b.shard AND i.name = ANY(%s))
"""
_START_OVER = """
INSERT INTO follower_behind (name, shard, tx, event_id) SELECT %s, shard, 0, 0 FROM ledger_lane WHERE tx > 0
ON CONFLICT (name, shard) DO UPDATE SET tx = 0, event_id = 0
"""
_WAIT_FOR = """
INSERT INTO follower_behind (name, shard, tx, event_id)
SELECT n.name, l.shard, l.tx, l.event_id FROM ledger_lane l, unnest(%s::text[]) AS n(name) WHERE l.tx > 0
ON CONFLICT (name, shard) DO NOTHING
"""


@dataclass(frozen=True)
class Lane:
    """Shards at one place. `behind`: followers that are not with the others there. `until`: where it must stop."""

    shards: tuple[int, ...]
    position: Position
    behind: frozenset[str]
    until: Position | None = None


def lowest_lane(cursor: CursorWrapper, shards: Sequence[int]) -> Lane | None:
    """Lock the rows of `shards` and return the lane that is furthest back, stopping where it meets the next."""
    cursor.execute(_LANES, [list(shards)])
    rows = sorted(((tx, event_id), tuple(behind), shard) for shard, tx, event_id, behind in cursor.fetchall())
    if not rows:
        return None
    groups = [(key, [row[2] for row in group]) for key, group in groupby(rows, key=lambda row: row[:2])]
    (position, behind), members = groups[0]
    further = [place for (place, _), _ in groups if place > position]
    return Lane(tuple(members), position, frozenset(behind), further[0] if further else None)


def move(cursor: CursorWrapper, lane: Lane, to: Position, now: datetime) -> None:
    """Move a locked lane on."""
    cursor.execute(_MOVE, [*to, now, list(lane.shards)])


def fall_behind(cursor: CursorWrapper, names: Iterable[str], lane: Lane) -> bool:
    """Leave followers where the lane stands; False when the lane has been moved by another meanwhile."""
    cursor.execute(_FALL_BEHIND, [list(names), list(lane.shards), *lane.position])
    return bool(cursor.rowcount)


def lowest_straggler(cursor: CursorWrapper, name: str, inputs: Sequence[str], shards: Sequence[int]) -> Lane | None:
    """Lock the rows of a follower that is behind and return its group furthest back that may move; None if none may."""
    cursor.execute(_STRAGGLERS, [list(inputs), name, list(shards)])
    rows = []
    for shard, tx, event_id, lane_tx, lane_id, input_tx, input_id in cursor.fetchall():
        until = (lane_tx, lane_id) if input_tx is None else min((lane_tx, lane_id), (input_tx, input_id))
        if (tx, event_id) < until:
            rows.append(((tx, event_id), until, shard))
    rows.sort()
    for (position, until), group in groupby(rows, key=lambda row: row[:2]):
        return Lane(tuple(row[2] for row in group), position, frozenset(), until)
    return None


def move_straggler(cursor: CursorWrapper, name: str, lane: Lane, to: Position) -> None:
    """Move a follower that is behind."""
    cursor.execute(_MOVE_STRAGGLER, [*to, name, list(lane.shards)])


def join(cursor: CursorWrapper, name: str, inputs: Sequence[str], shards: Sequence[int]) -> None:
    """Let a follower move with the others again where it has caught up with them, and its inputs have too."""
    cursor.execute(_JOIN, [name, list(shards), list(inputs)])


def start_over(cursor: CursorWrapper, name: str, readers: Iterable[str]) -> None:
    """Send a follower back to the beginning; those that read from it wait where they stand."""
    cursor.execute("SELECT FROM ledger_lane ORDER BY shard FOR UPDATE")
    cursor.execute(_WAIT_FOR, [sorted(readers)])
    cursor.execute(_START_OVER, [name])
