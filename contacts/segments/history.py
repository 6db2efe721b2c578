"""Who was in a segment when: conditions on people, moves of late, and the size at the end of each day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from contacts.people.models import Contact
from contacts.segments.models import Membership, Segment
from crm.team.models import User

_LONGEST = 400  # days that are made up for after a stop
_RECORD = """
INSERT INTO contacts_segmentsize (segment_id, day, n)
SELECT %s, %s, count(DISTINCT m.contact_id) FROM contacts_membership m
WHERE m.segment_id = %s AND m.entered_at < %s AND (m.left_at IS NULL OR m.left_at >= %s)
ON CONFLICT (segment_id, day) DO UPDATE SET n = excluded.n
"""
# Whom the first count found did not enter, they were there.
_TURNOVER = """
SELECT (SELECT count(*) FROM contacts_membership
        WHERE segment_id = %(segment)s AND entered_at > %(filled)s AND entered_at >= %(since)s),
       (SELECT count(*) FROM contacts_membership WHERE segment_id = %(segment)s AND left_at >= %(since)s)
"""


@dataclass(frozen=True)
class Move:
    """Somebody entered or left."""

    contact: Contact
    at: datetime
    entered: bool


def midnight(day: date) -> datetime:
    """Return the first moment of a day of the company."""
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))


def today(now: datetime) -> date:
    """Return the day it is for the company."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _of(segment_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(segment=segment_id, contact=OuterRef("pk"))


def inside(segment_id: int) -> Q:
    """Return the condition for people who are in the segment."""
    return Q(Exists(_of(segment_id).filter(left_at=None)))


def inside_both(one_id: int, other_id: int) -> Q:
    """Return the condition for people who are in both segments, which are compared before anybody is looked up.

    Two conditions of their own cost a look at everybody of one: 120 ms to find that two halves of 10^6 share nobody.
    """
    others = Membership.objects.filter(segment=other_id, left_at=None).values("contact")
    return Q(Exists(_of(one_id).filter(left_at=None, contact__in=others)))


def inside_at(segment_id: int, at: datetime) -> Q:
    """Return the condition for people who were in it just before `at`."""
    stays = _of(segment_id).filter(entered_at__lt=at)
    return Q(Exists(stays.filter(Q(left_at=None) | Q(left_at__gte=at))))


def inside_on(segment_id: int, day: date) -> Q:
    """Return the condition for people who were in it when the day ended."""
    return inside_at(segment_id, midnight(day + timedelta(days=1)))


def entered_on(segment_id: int, day: date) -> Q:
    """Return the condition for people who entered on that day."""
    first, end = midnight(day), midnight(day + timedelta(days=1))
    stays = _of(segment_id).filter(entered_at__gte=first, entered_at__lt=end)
    return Q(Exists(stays.exclude(left_at=F("entered_at"))))


def left_on(segment_id: int, day: date) -> Q:
    """Return the condition for people who left on that day."""
    first, end = midnight(day), midnight(day + timedelta(days=1))
    return Q(Exists(_of(segment_id).filter(left_at__gte=first, left_at__lt=end, left_at__gt=F("entered_at"))))


def recent_moves(segment: Segment, user: User, limit: int = 20) -> list[Move]:
    """Return who entered and left last, the newest first, as far as `user` may see them; none of the first build."""
    visible = Contact.objects.visible_to(user).values("pk")
    stays = Membership.objects.filter(segment=segment, contact__in=visible).select_related("contact")
    later = stays.filter(entered_at__gt=segment.filled_at) if segment.filled_at else stays.none()
    entered = later.exclude(left_at=F("entered_at")).order_by("-entered_at", "-pk")[:limit]
    left = stays.filter(left_at__gt=F("entered_at")).order_by("-left_at", "-pk")[:limit]
    moves = [Move(stay.contact, stay.entered_at, entered=True) for stay in entered]
    moves += [Move(stay.contact, stay.left_at, entered=False) for stay in left if stay.left_at is not None]
    return sorted(moves, key=lambda move: move.at, reverse=True)[:limit]


def turnover(segment: Segment, since: datetime) -> tuple[int, int]:
    """Return how many stays began since then, without those of the first build, and how many ended."""
    with connection.cursor() as cursor:
        cursor.execute(_TURNOVER, {"segment": segment.pk, "filled": segment.filled_at, "since": since})
        entered, left = cursor.fetchone()
    return int(entered), int(left)


def sizes(segment: Segment, now: datetime, days: int = 90) -> list[tuple[date, int]]:
    """Return the size at the end of each of the last days, and today's of now, the oldest first."""
    here = today(now)
    past = segment.sizes.filter(day__gte=here - timedelta(days=days), day__lt=here).order_by("day")
    return [*past.values_list("day", "n"), (here, segment.members)]


def record_sizes(now: datetime) -> int:
    """Write the sizes of all days that ended since the last record; return how many. A repeat is harmless."""
    yesterday, written = today(now) - timedelta(days=1), 0
    for segment in Segment.objects.exclude(built_at=None):
        for day in _missing(segment, yesterday):
            _record(segment, day)
            written += 1
    return written


def _missing(segment: Segment, upto: date) -> Sequence[date]:
    last = segment.sizes.order_by("-day").values_list("day", flat=True).first()
    first = last + timedelta(days=1) if last else today(segment.created_at)
    first = max(first, upto - timedelta(days=_LONGEST))
    return [first + timedelta(days=n) for n in range((upto - first).days + 1)]


def _record(segment: Segment, day: date) -> None:
    end = midnight(day + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [segment.pk, day, segment.pk, end, end])
