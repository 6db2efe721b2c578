"""The end of a build: who was touched while it ran is looked at anew, and the segment opens."""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.segments import index as segment_index
from contacts.segments import standing
from contacts.segments.index import Index, entry_of
from contacts.segments.judging import judge
from contacts.segments.models import Membership, Segment, SegmentBuild, SegmentState
from contacts.segments.wake import wake

_AT_ONCE = 2_000  # waiting people looked at in one transaction
# An array is asked for once. A plain IN is asked for each row where statistics say that hardly anybody waits: minutes.
_WAITED = """
DELETE FROM contacts_segmentwaiting WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_segmentwaiting WHERE segment_id = %s ORDER BY contact_id LIMIT %s
)) RETURNING contact_id
"""
_HAND_ON = """
INSERT INTO contacts_segmenttouch (contact_id, segment_id)
SELECT c, r FROM unnest(%s::bigint[]) AS c, unnest(%s::bigint[]) AS r
"""
# Those that look, or began to be built before; one that waits for this build will read what comes of it.
_READERS = """
SELECT s.id FROM contacts_segment s LEFT JOIN contacts_segmentbuild b ON b.segment_id = s.id
WHERE s.id = ANY(%s) AND (s.state = 'ready' OR (s.state = 'building' AND b.began_at IS NOT NULL)) ORDER BY s.id
"""
# Those that began to look after this build began: nobody told them of what was written before.
_LATE = """
SELECT s.id FROM contacts_segment s JOIN contacts_segmentbuild b ON b.segment_id = s.id
WHERE s.id = ANY(%s) AND s.state IN ('ready', 'building') AND b.began_at > %s ORDER BY s.id FOR NO KEY UPDATE OF s
"""


def complete(build: SegmentBuild, segment: Segment, now: datetime) -> bool:
    """Look at people who were touched meanwhile; when they are few, do it alone and open the segment. True then."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT state FROM contacts_segment WHERE id = %s FOR NO KEY UPDATE", [segment.pk])
        cursor.execute(_WAITED, [segment.pk, _AT_ONCE])
        contacts = {contact for (contact,) in cursor.fetchall()}
        _look_again(cursor, segment, contacts, now)
        if len(contacts) == _AT_ONCE:
            build.renew(now)
            return False
        _count_late_readers(cursor, build, now)
        _open(segment, now)
        build.finish()
    return True


def _count_late_readers(cursor: CursorWrapper, build: SegmentBuild, now: datetime) -> None:
    """Have the segments counted anew that began to read this one while it was written."""
    readers = segment_index.current().readers.get(build.segment_id, frozenset())
    cursor.execute(_LATE, [sorted(readers), build.began_at])
    for (late,) in cursor.fetchall():
        standing.queue_build(Segment.objects.get(pk=late), now)
        wake()


def _look_again(cursor: CursorWrapper, segment: Segment, contacts: set[int], now: datetime) -> None:
    entry = entry_of(segment)
    if not contacts or entry.rule is None:
        return
    news = "definition" if segment.was_built else None
    changed = judge(cursor, Index({entry.id: entry}), {entry.id: contacts}, now, news=news)
    if changed and (readers := readers_of(segment)):
        cursor.execute(_HAND_ON, [[contact for _, contact, _ in changed], readers])


def _open(segment: Segment, now: datetime) -> None:
    """Let the members be believed, and count them: whatever happened to the number on the way, it is right again."""
    members = Membership.objects.filter(segment=segment, left_at=None).count()
    Segment.objects.filter(pk=segment.pk).update(
        state=SegmentState.READY, problem="", built_at=now, filled_at=segment.filled_at or now, members=members
    )


def readers_of(segment: Segment) -> list[int]:
    """Return the segments that have to be told who changed in this one."""
    readers = segment_index.current().readers.get(segment.pk)
    if not readers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_READERS, [sorted(readers)])
        return [reader for (reader,) in cursor.fetchall()]
