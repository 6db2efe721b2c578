"""A batch: the next events in the order of following, held in a temporary table while followers read it in sets.

The order is (tx, id). Only events below ledger_horizon() are read: everything below it is committed or gone, so that a
late commit is never passed over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.ledger.dictionary import kind_ids
from contacts.ledger.lanes import SHARDS, Lane, Position
from crm.kit.prepared import prepared_cursor

SAFE_HORIZON = "ledger_horizon()"
# Reads the running transaction's own events too; right only while nobody else writes (tests, loading demo data).
OWN_HORIZON = "(pg_current_xact_id()::text::bigint + ledger_offset() + 1)"
REBUILDING = ("contact.merged", "contact.unmerged", "hit.reclassified")

_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS ledger_batch (
    id bigint, tx bigint, contact_id bigint, subject_id bigint, occurred_at timestamptz, recorded_at timestamptz,
    cause bigint, kind_id smallint, depth smallint, in_rebuild boolean, value numeric, properties jsonb
) ON COMMIT DELETE ROWS
"""
# An event stays in the shard of the contact it was recorded under, also when it moves to another contact.
_SHARD = "(coalesce(origin_contact_id, contact_id) & 63)"
_COLUMNS = "id, tx, contact_id, subject_id, occurred_at, recorded_at, cause, kind_id, depth, value, properties"
_SUMMARY = """
SELECT kind_id, count(*), (SELECT ARRAY[tx, id] FROM ledger_batch ORDER BY tx DESC, id DESC LIMIT 1)
FROM ledger_batch GROUP BY kind_id
"""
_CUT = """
DELETE FROM ledger_batch WHERE (tx, id) > (
    SELECT tx, id FROM ledger_batch WHERE kind_id = ANY(%s) ORDER BY tx, id OFFSET %s LIMIT 1
)
"""
_REBUILT = """
SELECT contact_id FROM ledger_batch WHERE kind_id = ANY(%s)
UNION SELECT other::bigint
FROM ledger_batch, jsonb_array_elements_text(coalesce(properties -> 'contacts', '[]')) AS other WHERE kind_id = ANY(%s)
ORDER BY 1
"""


@dataclass(frozen=True)
class Batch:
    """What a follower gets.

    `rows` is SQL to read FROM: this follower's new events, with the columns of `ledger_batch` (id, tx, contact_id,
    subject_id, occurred_at, recorded_at, cause, kind_id, depth, value, properties). `history` is SQL to read FROM
    too: all events that still count of the contacts in `rebuilt`, up to the end of the batch. `kinds` maps the keys
    of the follower's kinds to numbers. `now` is the time of the pass (UTC); what is derived must depend on event
    times alone, so that a replay gives the same.
    """

    position: Position
    counts: dict[int, int]
    now: datetime
    shards: tuple[int, ...] = SHARDS
    kinds: dict[str, int] = field(default_factory=dict)
    rebuilt: tuple[int, ...] | None = None
    rows: str = "(SELECT * FROM ledger_batch)"
    history: str = ""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def has(self, *keys: str) -> bool:
        """Tell whether the batch holds an event of one of these kinds."""
        return any(self.kinds.get(key) in self.counts for key in keys)

    def seen_by(self, name: str, kinds: dict[str, int], *, without_rebuilt: bool) -> "Batch":
        """Return the batch as the follower `name` of these kinds sees it."""
        only = f"kind_id = ANY('{_array(kinds.values())}')"
        skip = " AND NOT in_rebuild" if without_rebuilt and self.rebuilt else ""
        counts = {number: n for number, n in self.counts.items() if number in set(kinds.values())}
        everything = counts == self.counts and not skip
        rows = "ledger_batch" if everything else f"(SELECT * FROM ledger_batch WHERE {only}{skip})"  # noqa: S608 - numbers only
        return replace(self, kinds=kinds, counts=counts, rows=rows, history=self._history(name, only))

    def _history(self, name: str, only: str) -> str:
        if not self.rebuilt:
            return ""
        upto = self._upto(name)
        contacts = f"contact_id = ANY('{_array(self.rebuilt)}')"
        void = (  # numbers only, as below
            "SELECT cause FROM event WHERE kind_id = (SELECT id FROM ledger_kind WHERE key = 'hit.reclassified')"  # noqa: S608
            f" AND {contacts} AND {upto} AND cause IS NOT NULL"
        )
        return f"(SELECT {_COLUMNS} FROM event WHERE {contacts} AND {only} AND {upto} AND id NOT IN ({void}))"  # noqa: S608 - numbers only

    def _upto(self, name: str) -> str:
        """Return the condition for events that this follower has read, the batch included; other shards may differ."""
        tx, event_id = self.position
        own = f"(tx, id) <= ({tx}, {event_id})"
        if len(self.shards) == len(SHARDS):
            return own
        mine = f"{_SHARD} = ANY('{_array(self.shards)}')"
        others = (
            "EXISTS (SELECT FROM ledger_lane l "
            f"LEFT JOIN follower_behind b ON b.shard = l.shard AND b.name = '{name}' "
            f"WHERE l.shard = {_SHARD} "
            "AND (event.tx, event.id) <= (coalesce(b.tx, l.tx), coalesce(b.event_id, l.event_id)))"
        )
        return f"(({mine} AND {own}) OR (NOT {mine} AND {others}))"


def read(
    cursor: CursorWrapper,
    lane: Lane,
    *,
    limit: int,
    now: datetime,
    kinds: dict[str, int] | None = None,
    horizon: str = SAFE_HORIZON,
) -> Batch | None:
    """Fill the temporary table with the lane's next events, at most `limit`; None when there are none."""
    cursor.execute(_TABLE)
    cursor.execute("DELETE FROM ledger_batch")
    conditions = [f"tx < {horizon}", "(tx, id) > (%s::bigint, %s::bigint)"]
    params: list[Any] = [*lane.position]
    if lane.until is not None:
        conditions.append("(tx, id) <= (%s::bigint, %s::bigint)")
        params += lane.until
    if len(lane.shards) < len(SHARDS):
        conditions.append(f"{_SHARD} = ANY(%s::int[])")
        params.append(_array(lane.shards))
    if kinds is not None:
        conditions.append("kind_id = ANY(%s::smallint[])")
        params.append(_array(kinds.values()))
    with prepared_cursor() as planned:  # over all partitions planning takes half a millisecond
        planned.execute(
            f"INSERT INTO ledger_batch ({_COLUMNS}, in_rebuild) SELECT {_COLUMNS}, false FROM event "  # noqa: S608
            f"WHERE {' AND '.join(conditions)} ORDER BY tx, id LIMIT {int(limit)}",
            params,
        )
    return summarised(cursor, lane.shards, now)


def summarised(cursor: CursorWrapper, shards: tuple[int, ...], now: datetime) -> Batch | None:
    """Return what the temporary table holds; None when it is empty."""
    cursor.execute(_SUMMARY)
    rows = cursor.fetchall()
    if not rows:
        return None
    tx, event_id = rows[0][2]
    return Batch((tx, event_id), {kind: n for kind, n, _ in rows}, now, shards)


def cut(cursor: CursorWrapper, batch: Batch, kinds: Iterable[int], most: int) -> Batch:
    """Return the batch up to its `most`-th event of these kinds; what follows is left for the next one."""
    numbers = set(kinds)
    if sum(n for kind, n in batch.counts.items() if kind in numbers) <= most:
        return batch
    cursor.execute(_CUT, [list(numbers), most - 1])
    shorter = summarised(cursor, batch.shards, batch.now)
    if shorter is None:
        raise AssertionError("a batch was cut to nothing")
    return shorter


def with_rebuilt(cursor: CursorWrapper, batch: Batch) -> Batch:
    """Find the contacts that must be recomputed whole, and mark their rows, so that they are not folded in twice."""
    numbers = list(kind_ids(REBUILDING).values())
    if not batch.counts.keys() & set(numbers):
        return replace(batch, rebuilt=())
    cursor.execute(_REBUILT, [numbers, numbers])
    rebuilt = [contact for (contact,) in cursor.fetchall()]
    cursor.execute("UPDATE ledger_batch SET in_rebuild = true WHERE contact_id = ANY(%s)", [rebuilt])
    return replace(batch, rebuilt=tuple(rebuilt))


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"
