"""The nightly care of memberships: sizes by day, what deleted segments leave behind, and proof that all holds."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from contacts.segments.history import record_sizes

log = logging.getLogger(__name__)
_AT_ONCE = 20_000  # rows in a transaction
_SLICE = 200_000  # contacts looked at in one statement
_FORGET = """
DELETE FROM contacts_membership WHERE id = ANY(ARRAY(
    SELECT m.id FROM contacts_membership m
    WHERE NOT EXISTS (SELECT FROM contacts_segment s WHERE s.id = m.segment_id) LIMIT %s
))
"""
_FORGET_WAITING = """
DELETE FROM contacts_segmentwaiting w WHERE NOT EXISTS (SELECT FROM contacts_segment s WHERE s.id = w.segment_id)
"""
# There is no foreign key (docs/decisions/segments.md), so that somebody has to look.
_LOST = """
SELECT DISTINCT m.contact_id FROM contacts_membership m
WHERE m.contact_id >= %s AND m.contact_id < %s AND m.left_at IS NULL
  AND NOT EXISTS (SELECT FROM contacts_contact c WHERE c.id = m.contact_id)
ORDER BY 1 LIMIT 1000
"""
_MISCOUNTED = """
SELECT s.id, s.members, count(m.id) FROM contacts_segment s
LEFT JOIN contacts_membership m ON m.segment_id = s.id AND m.left_at IS NULL
WHERE s.state <> 'building' GROUP BY s.id HAVING count(m.id) <> s.members ORDER BY s.id
"""
_COUNT = """
UPDATE contacts_segment s SET members = (
    SELECT count(*) FROM contacts_membership m WHERE m.segment_id = s.id AND m.left_at IS NULL
) WHERE s.id = %s
"""


@dataclass(frozen=True)
class Miscounted:
    """A segment whose kept number differs from its memberships."""

    segment_id: int
    kept: int
    counted: int


def nightly(now: datetime) -> None:
    """Do it all; each step is harmless to repeat."""
    record_sizes(now)
    forget_deleted()
    for contact in lost_contacts():
        log.error("contact %s does not exist but is in segments", contact)
    for wrong in miscounted():
        log.error("segment %s has %s people, not %s", wrong.segment_id, wrong.counted, wrong.kept)
        _count_again(wrong.segment_id)


def forget_deleted() -> int:
    """Delete the memberships of segments that are gone, in ranges; return how many there were."""
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [_AT_ONCE])
            found = int(cursor.rowcount)
            gone += found
            if found < _AT_ONCE:
                cursor.execute(_FORGET_WAITING)
                return gone


def lost_contacts() -> list[int]:
    """Return contacts that memberships speak of but that are not there (1,000 a slice at most)."""
    found: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(contact_id), 0) FROM contacts_membership WHERE left_at IS NULL")
        last = int(cursor.fetchone()[0])
        for low in range(0, last + 1, _SLICE):
            cursor.execute(_LOST, [low, low + _SLICE])
            found += [contact for (contact,) in cursor.fetchall()]
    return found


def miscounted() -> list[Miscounted]:
    """Return the segments whose kept number is not that of their memberships."""
    with connection.cursor() as cursor:
        cursor.execute(_MISCOUNTED)
        return [Miscounted(*row) for row in cursor.fetchall()]


def _count_again(segment_id: int) -> None:
    """Count under the segment's lock, as everybody does who changes members."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT FROM contacts_segment WHERE id = %s FOR NO KEY UPDATE", [segment_id])
        cursor.execute(_COUNT, [segment_id])
