"""Segments of the demo, made from the templates that every team needs, with the last 90 days of who was in them.

The stays follow from what people did, as the rules would have found them day by day; the install's workers then count
anew and find hardly anything to mend.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.utils import translation

from contacts.ledger.append import NewEvent
from contacts.segments import saving
from contacts.segments.history import record_sizes
from contacts.segments.models import Membership, Segment
from contacts.segments.starters import STARTERS
from crm.runtime.demo import stays
from crm.runtime.demo.stays import Life, Stay
from crm.team.models import User

DAYS = 90
_STAYS: Mapping[str, Callable[[Life], list[Stay]]] = {
    "active": stays.active,
    "customers": stays.bought(1),
    "bought-again": stays.bought(2),
    "at-risk": stays.at_risk,
    "cart-left": stays.cart_left,
    "hot-without-owner": stays.hot_without_owner,
}


def create(by: User, now: datetime) -> dict[str, Segment]:
    """Make them, without members, and return them by the keys of their templates."""
    return {key: _created(key, by, now - timedelta(days=DAYS)) for key in _STAYS}


def fill(segments: Mapping[str, Segment], lives: list[Life], now: datetime) -> list[NewEvent]:
    """Give them their members and their past, and return the events of entering and leaving."""
    begun, told = now - timedelta(days=DAYS), []
    for key, found in _STAYS.items():
        segment = segments[key]
        rows = [row for life in lives for row in _rows(segment, life, found(life), begun, now)]
        Membership.objects.bulk_create(rows, batch_size=5_000)
        members = sum(row.left_at is None for row in rows)
        Segment.objects.filter(pk=segment.pk).update(filled_at=begun, built_at=begun, members=members)
        told += [event for row in rows for event in _told(segment, row, begun)]
    record_sizes(now)
    return told


def _created(key: str, by: User, begun: datetime) -> Segment:
    """Make a segment with the template's own words: readers see them in their language."""
    starter = STARTERS[key]
    with translation.override("en"):
        draft = saving.Draft(str(starter.name), str(starter.description), starter.definition)
    return saving.create(draft, by=by, now=begun)


def _rows(segment: Segment, life: Life, found: list[Stay], begun: datetime, now: datetime) -> list[Membership]:
    """Return the stays that reach into the time since the segment was made."""
    rows = []
    for entered, left in found:
        over = left is not None and left <= now
        if entered < now and not (over and left is not None and left <= begun):
            rows.append(
                Membership(
                    segment=segment,
                    contact_id=life.contact_id,
                    entered_at=max(entered, begun),
                    left_at=left if over else None,
                )
            )
    return rows


def _told(segment: Segment, row: Membership, begun: datetime) -> list[NewEvent]:
    """Return the events of a stay; nobody is told of the first count."""
    facts = {"name": segment.name, "why": "activity"}

    def event(kind: str, at: datetime) -> NewEvent:
        return NewEvent(row.contact_id, kind, at, subject=("segment", str(segment.pk)), properties=facts)

    told = [event("segment.entered", row.entered_at)] if row.entered_at > begun else []
    return told + ([event("segment.left", row.left_at)] if row.left_at else [])
