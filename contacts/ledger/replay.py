"""Throwing away what a follower keeps, and computing it anew from the base and all events.

The follower is sent back to the beginning and catches up beside the others, in passes as short as theirs.
"""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger import lanes
from contacts.ledger.base import Base, is_empty
from contacts.ledger.errors import WrongFollower
from contacts.ledger.followers import FOLLOWERS, Follower
from contacts.ledger.passes import enrol, resume

_SLICE = 50_000  # contacts whose base is restored in one transaction
_NOTE = "being computed anew"


def replay(name: str, now: datetime) -> None:
    """Empty the tables of a follower, restore its base, and let it read all events again.

    The followers that read from it wait. Returns before it has caught up. Raises WrongFollower for one that writes
    events or moves them, and so cannot be replayed.
    """
    follower = FOLLOWERS.named(name)
    enrol(now)
    with transaction.atomic(), connection.cursor() as cursor:
        if follower.reset is None:
            raise WrongFollower(f'follower "{name}" writes events or moves them; it cannot be replayed')
        if follower.restore is None and not is_empty(cursor):
            raise WrongFollower(f'follower "{name}" keeps no base, and months of events were dropped')
        begin(cursor, follower)
    refill(follower)


def begin(cursor: CursorWrapper, follower: Follower) -> None:
    """Empty what a follower keeps and send it back, in the caller's transaction; it stands still until `refill`."""
    assert follower.reset
    lanes.start_over(cursor, follower.name, FOLLOWERS.after(follower.name))
    cursor.execute("UPDATE follower_state SET stopped_at = now(), error = %s WHERE name = %s", [_NOTE, follower.name])
    follower.reset(cursor)


def refill(follower: Follower) -> None:
    """Restore what is kept of dropped months, in ranges, and let the follower read on; after `begin` is committed."""
    _restore(follower)
    resume(follower.name)


def _restore(follower: Follower) -> None:
    if follower.restore is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(contact_id), 0) FROM event_base")
        last = int(cursor.fetchone()[0])
    for low in range(0, last + 1, _SLICE):
        with transaction.atomic(), connection.cursor() as cursor:
            follower.restore(cursor, Base.of_range(low, low + _SLICE))


def raise_offset() -> int:
    """Raise the ledger's offset, so that new events stand above every position there is, and return it.

    Run once after a restore into a new cluster, before anything else writes: there transactions count from the
    start again, so that no new event would be followed. A repeat is harmless.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest((SELECT max(tx) FROM event), (SELECT max(tx) FROM ledger_lane)), "
            "pg_current_xact_id()::text::bigint, ledger_offset()"
        )
        highest, own, offset = cursor.fetchone()
        needed = (highest or 0) + 1 - own
        if needed <= offset:
            return int(offset)
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION ledger_offset() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"'SELECT {int(needed)}::bigint'"
        )
    return int(needed)
