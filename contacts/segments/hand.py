"""Putting people into a segment, or keeping them out, by hand: it stands above the rule and survives every build."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction

from contacts.segments import index as segment_index
from contacts.segments.judging import judge
from contacts.segments.models import ByHand, Segment, SegmentState
from crm.team.models import User

_DECIDE = """
INSERT INTO contacts_byhand AS held (segment_id, contact_id, included, by_id, at)
SELECT %s, c.id, %s, %s, %s FROM contacts_contact c WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL ORDER BY c.id
ON CONFLICT (segment_id, contact_id) DO UPDATE
SET included = excluded.included, by_id = excluded.by_id, at = excluded.at
WHERE held.included <> excluded.included
RETURNING contact_id
"""
_TOUCH = """
INSERT INTO contacts_segmenttouch (contact_id, segment_id)
SELECT c, s FROM unnest(%s::bigint[]) AS c, unnest(%s::bigint[]) AS s
"""


def include(segment: Segment, contact_ids: Collection[int], *, by: User, now: datetime) -> int:
    """Put people in whatever the rule says; return for how many that is new. A repeat is harmless."""
    return _decide(segment, contact_ids, included=True, by=by, now=now)


def exclude(segment: Segment, contact_ids: Collection[int], *, by: User, now: datetime) -> int:
    """Keep people out whatever the rule says; return for how many that is new. A repeat is harmless."""
    return _decide(segment, contact_ids, included=False, by=by, now=now)


@transaction.atomic
def leave_to_rule(segment: Segment, contact_ids: Collection[int], *, now: datetime) -> int:
    """Take back what was decided by hand; return for how many. A repeat is harmless."""
    decided = ByHand.objects.filter(segment=segment, contact__in=contact_ids)
    contacts = sorted(decided.select_for_update().values_list("contact_id", flat=True))
    decided.filter(contact__in=contacts).delete()
    _settle(segment, contacts, now)
    return len(contacts)


@transaction.atomic
def _decide(segment: Segment, contact_ids: Collection[int], *, included: bool, by: User, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, [segment.pk, included, by.pk, now, list(contact_ids)])
        contacts = sorted(contact for (contact,) in cursor.fetchall())
    _settle(segment, contacts, now)
    return len(contacts)


def _settle(segment: Segment, contacts: list[int], now: datetime) -> None:
    """Bring the memberships up to date at once; those of a segment that is being built when the build ends."""
    if not contacts:
        return
    locked = Segment.objects.select_for_update(no_key=True).get(pk=segment.pk)
    index = segment_index.current()
    entry = index.entries.get(segment.pk)
    with connection.cursor() as cursor:
        if locked.state != SegmentState.READY or entry is None or entry.rule is None:
            cursor.execute(_TOUCH, [contacts, [segment.pk]])
            return
        judge(cursor, index, {segment.pk: contacts}, now, news="hand")
        if readers := sorted(index.readers.get(segment.pk, ())):
            cursor.execute(_TOUCH, [contacts, readers])
