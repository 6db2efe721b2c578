"""What the pages of segments read."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from contacts.people.models import Contact, ContactQuerySet
from contacts.people.queries import page_by_name
from contacts.segments import history
from contacts.segments.models import ByHand, Membership, Purpose, Segment, SegmentSize, SegmentState
from contacts.segments.naming import as_said, said_with
from crm.kit.paging import Page, keyset_page
from crm.team.models import User

SORTS = {
    "name": ("said", "id"),
    "-name": ("-said", "-id"),
    "people": ("members", "id"),
    "-people": ("-members", "-id"),
    "changed": ("changed_at", "id"),
    "-changed": ("-changed_at", "-id"),
}
DEFAULT_SORT = "name"


def segments_page(typed: str, state: str, order: str, cursor: str, *, size: int = 50) -> Page[Segment]:
    """Return one page of segments of a state ("" for any) with what was typed in name or description.

    Those that came with the product are found as they are stored and as the reader sees them, and sorted as she does.

    Raises BadCursor.
    """
    found = Segment.objects.audiences()
    if words := typed.replace("\0", "").strip():
        found = found.filter(_says(words))
    if state in SegmentState:
        found = found.filter(state=state)
    found = found.select_related("created_by", "build").annotate(said=as_said("name"))
    return keyset_page(found, SORTS.get(order, SORTS[DEFAULT_SORT]), cursor=cursor, size=size)


def _says(words: str) -> Q:
    shown = said_with(words)
    typed = Q(name__icontains=words) | Q(description__icontains=words)
    return typed | Q(name__in=shown) | Q(description__in=shown)


def members_of(segment: Segment, user: User) -> ContactQuerySet:
    """Return who is in the segment, as far as `user` may see them."""
    return Contact.objects.visible_to(user).filter(history.inside(segment.pk))


def members_page(segment: Segment, user: User, cursor: str) -> Page[Contact]:
    """Return one page of the segment's people that `user` may see, by name. Raises BadCursor."""
    return page_by_name(members_of(segment, user), cursor)


def past_segments_of(contact: Contact) -> QuerySet[Membership]:
    """Return the memberships a person had, the last one first."""
    stays = contact.memberships.filter(left_at__gt=F("entered_at"), segment__purpose=Purpose.AUDIENCE)
    return stays.select_related("segment").order_by("-left_at", "-pk")


def decided_by_hand(segment: Segment, user: User) -> QuerySet[ByHand]:
    """Return who was put in or kept out by hand, as far as `user` may see them."""
    visible = Contact.objects.visible_to(user).values("pk")
    return segment.by_hand.filter(contact__in=visible).select_related("contact", "by").order_by("-at", "-pk")


def overlap(people: ContactQuerySet, segment_ids: Collection[int]) -> dict[int, int]:
    """Return how many of `people` are in each of the segments, by its id; all ids are there."""
    inside = Membership.objects.filter(
        segment__in=segment_ids, left_at=None, contact__in=people.order_by().values("pk")
    )
    counts = inside.values("segment").order_by().annotate(n=Count("pk")).values_list("segment", "n")
    return dict.fromkeys(segment_ids, 0) | dict(counts)


def sparks(segments: Collection[Segment], now: datetime, days: int = 30) -> dict[int, list[int]]:
    """Return the sizes of the last days for each segment, the oldest first, today's last: for a list of segments."""
    first = history.today(now) - timedelta(days=days)
    found: dict[int, list[int]] = {segment.pk: [] for segment in segments}
    rows = SegmentSize.objects.filter(segment__in=found, day__gte=first).order_by("day")
    for segment_id, n in rows.values_list("segment_id", "n"):
        found[segment_id].append(n)
    for segment in segments:
        found[segment.pk].append(segment.members)
    return found
