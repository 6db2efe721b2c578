"""Time alone moves people in and out: candidates between the last look and now are touched, four times a minute.

Each segment notes up to when time was looked at; after a stop the next look covers all of it.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.ticks import Tick
from contacts.segments import index as segment_index
from contacts.segments.index import Entry
from contacts.segments.models import SegmentState
from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import compose, joined

EVERY = timedelta(seconds=15)
_DUE = """
SELECT id, flipped_to FROM contacts_segment WHERE state = ANY(%s) AND flipped_to <= %s ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED
"""
_STATES = [SegmentState.READY, SegmentState.BUILDING]
_TOUCH = """
INSERT INTO contacts_segmenttouch (contact_id, segment_id)
SELECT candidate.id, %s::bigint FROM ({candidates}) AS candidate(id)
"""


def flip(now: datetime) -> int:
    """Touch everybody whom time may have moved since the last look, and return how many touches that made."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DUE, [_STATES, now - EVERY])
        due = cursor.fetchall()
        if not due:
            return 0
        index = segment_index.current()
        touched = sum(
            _touch(cursor, index.entries[segment], since, now) for segment, since in due if segment in index.entries
        )
        cursor.execute(
            "UPDATE contacts_segment SET flipped_to = %s WHERE id = ANY(%s)", [now, [segment for segment, _ in due]]
        )
    return touched


def _touch(cursor: CursorWrapper, entry: Entry, since: datetime, now: datetime) -> int:
    crossings = entry.rule.crossings(moment_at(since), moment_at(now)) if entry.rule else ()
    if not crossings:
        return 0
    candidates = joined(" UNION ", [compose("({one})", one=one) for one in crossings])
    statement = compose(_TOUCH, entry.id, candidates=candidates)
    cursor.execute(statement.text, statement.params)
    return int(cursor.rowcount)


FLIPS = Tick("segments_flips", flip)
