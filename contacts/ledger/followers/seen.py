"""Last seen: when a person last did something herself. Read by lists and by win-back segments."""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.ledger.kinds import keys_where

_ADD = """
INSERT INTO contact_seen AS s (contact_id, last_seen_at)
SELECT contact_id, max({time}) FROM {rows} AS e WHERE kind_id = ANY(%s) GROUP BY contact_id ORDER BY contact_id
ON CONFLICT (contact_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
WHERE s.last_seen_at < excluded.last_seen_at
"""


def _kinds() -> list[str]:
    return keys_where(lambda kind: kind.activity)


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Move the time on where an event is newer."""
    _add(cursor, batch.rows, "occurred_at")


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Recompute the contacts that were merged or reclassified."""
    cursor.execute("DELETE FROM contact_seen WHERE contact_id = ANY(%s)", [list(batch.rebuilt or ())])
    _add(cursor, batch.history, "occurred_at")


def reset(cursor: CursorWrapper) -> None:
    """Throw all rows away."""
    cursor.execute("TRUNCATE contact_seen")


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Look at what is kept of dropped months too."""
    _add(cursor, base.rows, "last_at")


def _add(cursor: CursorWrapper, rows: str, time: str) -> None:
    cursor.execute(_ADD.format(rows=rows, time=time), [list(kind_ids(_kinds()).values())])


SEEN = Follower("seen", apply, kinds=_kinds, rebuild=rebuild, reset=reset, restore=restore)
