"""Places in the ledger, as transactions: where it stands now, and up to where the followers have read it.

Whoever reads what followers keep (segments) waits with these until a past that was there before has been read whole.
"""

from django.db import connection
from django.db.models import BigIntegerField, Func
from django.utils.deconstruct import deconstructible

EVERYTHING_READ = 2**63 - 1
_NOW = "pg_current_xact_id()::text::bigint + ledger_offset()"
# Shard by shard, since followers of several processes stand at different places. By index from the furthest back on.
_UNREAD_FROM = """
SELECT e.tx FROM event e
WHERE (e.tx, e.id) > (SELECT tx, event_id FROM ledger_lane ORDER BY tx, event_id LIMIT 1)
  AND (e.tx, e.id) > (
    SELECT l.tx, l.event_id FROM ledger_lane l WHERE l.shard = (coalesce(e.origin_contact_id, e.contact_id) & 63)
  )
ORDER BY e.tx, e.id LIMIT 1
"""


@deconstructible(path="contacts.ledger.position.LedgerPosition")
class LedgerPosition(Func):
    """The place of whatever this transaction writes, as a column's default in the database."""

    template = f"({_NOW})"
    output_field = BigIntegerField()


def ledger_position() -> int:
    """Return the place of this transaction: what was recorded before it began to write has a lower one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NOW}")
        return int(cursor.fetchone()[0])


def unread_from() -> int:
    """Return the place of the first event that no follower has read yet; EVERYTHING_READ when there is none.

    Followers that start over are apart from this: they have rows of their own in `follower_behind`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD_FROM)
        row = cursor.fetchone()
    return EVERYTHING_READ if row is None else int(row[0])
