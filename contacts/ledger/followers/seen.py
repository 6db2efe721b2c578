"""Last seen: when a person last did something herself. Read by lists and by win-back segments."""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.batch import Batch
from contacts.ledger.followers import Follower
from contacts.ledger.kinds import keys_where

_FOLD = """
INSERT INTO contact_seen AS s (contact_id, last_seen_at)
SELECT contact_id, max(occurred_at) FROM {events} AS e GROUP BY contact_id ORDER BY contact_id
ON CONFLICT (contact_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
WHERE s.last_seen_at < excluded.last_seen_at
"""


def _kinds() -> list[str]:
    return keys_where(lambda kind: kind.activity)


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Move the time on where an event is newer."""
    cursor.execute(_FOLD.format(events=batch.rows))


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Recompute the contacts that were merged or reclassified."""
    cursor.execute("DELETE FROM contact_seen WHERE contact_id = ANY(%s)", [list(batch.rebuilt or ())])
    cursor.execute(_FOLD.format(events=batch.history))


def reset(cursor: CursorWrapper) -> None:
    """Throw all rows away."""
    cursor.execute("TRUNCATE contact_seen")


SEEN = Follower("seen", apply, kinds=_kinds, rebuild=rebuild, reset=reset)
