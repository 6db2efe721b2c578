"""What must hold in the ledger and is kept by handlers, not by the database: proved every night, and by hand."""

from dataclasses import dataclass

from django.db import connection

_SLICE = 200_000  # contacts looked at in one statement
_LOST = """
SELECT e.contact_id, count(*) FROM event e
WHERE e.contact_id >= %s AND e.contact_id < %s
  AND NOT EXISTS (SELECT FROM contacts_contact c WHERE c.id = e.contact_id)
GROUP BY 1 ORDER BY 1 LIMIT 1000
"""


@dataclass(frozen=True)
class Lost:
    """Events of a contact that does not exist."""

    contact_id: int
    events: int


def lost_events() -> list[Lost]:
    """Return the contacts that events speak of but that are not there (1,000 a slice at most)."""
    found: list[Lost] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(contact_id), 0) FROM event")
        last = int(cursor.fetchone()[0])
        for low in range(0, last + 1, _SLICE):
            cursor.execute(_LOST, [low, low + _SLICE])
            found += [Lost(contact, events) for contact, events in cursor.fetchall()]
    return found
