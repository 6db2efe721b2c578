"""Who moved between stages lately: flows of the last week, and the newest moves by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Subquery
from django.db.models.fields.json import KT
from django.urls import reverse

from contacts.ledger.models import Event, LedgerKind
from contacts.people.models import Contact, ContactQuerySet
from contacts.stages.models import Stage
from crm.team.models import User

WEEK = timedelta(days=7)
MOST_FLOWS = 6
MOST_NAMES = 6


class FlowCount(NamedTuple):
    """How many people went from one stage (None: from none) to another within a week; stages by number, as text."""

    origin: str | None
    to: str
    people: int


@dataclass(frozen=True)
class Flow:
    """How many people went from one stage (None: from none) to another within the last week."""

    origin: str | None
    to: str
    people: int
    is_backward: bool


@dataclass(frozen=True)
class Move:
    """One person's newest move."""

    name: str
    url: str
    to: str
    at: datetime


def flows(rows: list[FlowCount], stages: list[Stage]) -> list[Flow]:
    """Return last week's flows between `stages`, the largest first."""
    known = {str(stage.pk): stage for stage in stages}
    found = [_flow(known.get(origin or ""), known[to], people) for origin, to, people in rows if to in known]
    return sorted(found, key=lambda flow: -flow.people)[:MOST_FLOWS]


def newest(user: User, stages: list[Stage], now: datetime) -> list[Move]:
    """Return the newest moves of the last week, one line a move."""
    labels = {str(stage.pk): stage.label for stage in stages}
    rows = (
        _moves(Contact.objects.visible_to(user), now)
        .select_related("contact")
        .order_by("-occurred_at", "-id")[:MOST_NAMES]
    )
    return [
        Move(
            name=row.contact.display_name,
            url=reverse("contacts:person", args=[row.contact_id]),
            to=labels.get(str(row.properties.get("to_id")), str(row.properties.get("name", ""))),
            at=row.occurred_at,
        )
        for row in rows
    ]


def _moves(people: ContactQuerySet, now: datetime) -> Any:
    """Moves of people, not those that a change of the stage model brought about."""
    kind = LedgerKind.objects.filter(key="stage.entered").values("pk")[:1]
    week = Event.objects.filter(kind_id=Subquery(kind), occurred_at__gte=now - WEEK, occurred_at__lte=now)
    return week.filter(contact__in=people).exclude(properties__cause="model")


def flow_rows(people: ContactQuerySet, now: datetime) -> list[FlowCount]:
    """Count who of `people` moved in the last week, from where to where."""
    ends = _moves(people, now).annotate(origin=KT("properties__from_id"), to=KT("properties__to_id")).order_by()
    rows = ends.values_list("origin", "to").annotate(people=Count("contact_id", distinct=True))
    return [FlowCount(*row) for row in rows]


def _flow(origin: Stage | None, to: Stage, people: int) -> Flow:
    return Flow(
        origin=origin.label if origin else None,
        to=to.label,
        people=people,
        is_backward=origin is not None and origin.position > to.position,
    )
