"""One pass: read the next events, let each follower fold them in, move on; all in one transaction of well under 1 s.

A follower that fails is left where it stood, with its error; those that read from it wait; the others go on.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger import lanes
from contacts.ledger.base import Base, is_empty
from contacts.ledger.batch import REBUILDING, SAFE_HORIZON, Batch, cut, read, with_rebuilt
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import FOLLOWERS, Follower
from contacts.ledger.kinds import KINDS
from contacts.ledger.lanes import SHARDS, Lane
from crm.kit.passing import is_passing

logger = logging.getLogger(__name__)

LARGEST = 20_000  # events in a batch: more cost no less each, and lengthen the transaction


@dataclass(frozen=True)
class Reach:
    """What a pass may touch: which shards, how many events, and up to where."""

    shards: Sequence[int] = SHARDS
    limit: int = LARGEST
    horizon: str = SAFE_HORIZON


class _Failed(Exception):
    """A follower raised; carried out of the transaction so that it is rolled back whole."""

    def __init__(self, follower: Follower, lane: Lane, error: Exception) -> None:
        super().__init__(follower.name)
        self.follower, self.lane, self.error = follower, lane, error


def enrol(now: datetime) -> None:
    """Note every registered follower; one that is new to a ledger already read starts from the beginning."""
    with transaction.atomic(), connection.cursor() as cursor:
        for follower in FOLLOWERS:
            cursor.execute(
                "INSERT INTO follower_state (name, added_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [follower.name, now],
            )
            if cursor.rowcount:
                lanes.start_over(cursor, follower.name, FOLLOWERS.after(follower.name))


def main_pass(now: datetime, reach: Reach) -> int:
    """Move the lane that is furthest back by one batch and return how many events it held; 0 when there is nothing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return _main_pass(cursor, now, reach)
    except _Failed as failed:
        _stop(failed, now)
        return 1


def _main_pass(cursor: CursorWrapper, now: datetime, reach: Reach) -> int:
    lane = lanes.lowest_lane(cursor, reach.shards)
    if lane is None:
        return 0
    batch = read(cursor, lane, limit=reach.limit, now=now, horizon=reach.horizon)
    if batch is None:
        if lane.until is not None:
            lanes.move(cursor, lane, lane.until, now)
        return 0
    running = [follower for follower in FOLLOWERS if follower.name not in lane.behind]
    batch = _short_enough(cursor, running, batch)
    for follower in running:
        batch = _run(cursor, follower, lane, batch)
    lanes.move(cursor, lane, batch.position, now)
    return len(batch)


def _short_enough(cursor: CursorWrapper, followers: Iterable[Follower], batch: Batch) -> Batch:
    """Cut the batch to what each follower takes at once, so that the transaction stays short."""
    for follower in followers:
        if follower.most is not None:
            batch = cut(cursor, batch, kind_ids(_keys(follower)).values(), follower.most)
    return batch


def straggler_pass(now: datetime, reach: Reach) -> int:
    """Move each running follower that is behind by one batch, alone; return how many events were read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.name FROM follower_behind b JOIN follower_state s USING (name) "
            "WHERE s.stopped_at IS NULL AND b.shard = ANY(%s)",
            [list(reach.shards)],
        )
        behind = {name for (name,) in cursor.fetchall()}
    return sum(_catch_up_one(follower, now, reach) for follower in FOLLOWERS if follower.name in behind)


def _catch_up_one(follower: Follower, now: datetime, reach: Reach) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return _straggler_pass(cursor, follower, now, reach)
    except _Failed as failed:
        _stop(failed, now)
        return 1


def _straggler_pass(cursor: CursorWrapper, follower: Follower, now: datetime, reach: Reach) -> int:
    inputs = FOLLOWERS.inputs(follower)
    lane = lanes.lowest_straggler(cursor, follower.name, inputs, reach.shards)
    if lane is None or lane.until is None:
        lanes.join(cursor, follower.name, inputs, reach.shards)
        return 0
    kinds = kind_ids({*_keys(follower), *REBUILDING})
    batch = read(cursor, lane, limit=reach.limit, now=now, horizon=reach.horizon, kinds=kinds)
    full = batch is not None and len(batch) == reach.limit
    if batch is not None:
        whole, batch = len(batch), _short_enough(cursor, [follower], batch)
        full = full or len(batch) < whole
        _run(cursor, follower, lane, batch)
    lanes.move_straggler(cursor, follower.name, lane, batch.position if batch is not None and full else lane.until)
    lanes.join(cursor, follower.name, inputs, reach.shards)
    return len(batch) if batch is not None else 1


def _keys(follower: Follower) -> list[str]:
    return KINDS.keys() if follower.kinds is None else follower.kinds()


def _run(cursor: CursorWrapper, follower: Follower, lane: Lane, batch: Batch) -> Batch:
    """Let one follower fold the batch in; return the batch, with what was found out about it, for the next one."""
    try:
        if follower.rebuild is not None and batch.rebuilt is None:
            batch = with_rebuilt(cursor, batch)
        seen = batch.seen_by(follower.name, kind_ids(_keys(follower)), without_rebuilt=follower.rebuild is not None)
        if follower.rebuild is not None and batch.rebuilt:
            follower.rebuild(cursor, seen)
            if follower.restore is not None and not is_empty(cursor):
                follower.restore(cursor, Base.of_contacts(batch.rebuilt))
        if seen.counts:
            follower.apply(cursor, seen)
    except DatabaseError as error:
        if is_passing(error) or connection.connection.closed:
            raise
        raise _Failed(follower, lane, error) from error
    except Exception as error:
        raise _Failed(follower, lane, error) from error
    return batch


def _stop(failed: _Failed, now: datetime) -> None:
    name, lane = failed.follower.name, failed.lane
    logger.error("follower %s stopped after %s", name, lane.position, exc_info=failed.error)
    reason = f"{type(failed.error).__name__}: {failed.error}"[:2000]
    with transaction.atomic(), connection.cursor() as cursor:
        lanes.fall_behind(cursor, {name, *FOLLOWERS.after(name)}, lane)
        cursor.execute(
            "UPDATE follower_state SET stopped_at = %s, error = %s WHERE name = %s AND stopped_at IS NULL",
            [now, reason, name],
        )


def resume(name: str) -> None:
    """Let a stopped follower go on from where it stands; harmless for one that runs. Raises WrongFollower."""
    FOLLOWERS.named(name)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE follower_state SET stopped_at = NULL, error = '' WHERE name = %s", [name])
