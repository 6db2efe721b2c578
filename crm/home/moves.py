"""Who moved between stages lately: flows of the last week, and the newest moves by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse

from contacts.ledger.models import Event
from contacts.ledger.queries import number_of
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


class Turnover(NamedTuple):
    """How many people came into a stage (by number, as text) within a week, and how many went out of it."""

    stage: str
    came: int
    went: int


# Each person once in a pair of stages, once among those who came into a stage, and once among those who left it.
_COUNTED = """
SELECT m.origin, m.stage, count(DISTINCT m.contact_id), grouping(m.stage) = 1, grouping(m.origin) = 1
FROM (
    SELECT e.contact_id, e.properties ->> 'from_id' AS origin, e.properties ->> 'to_id' AS stage FROM event e
    WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = 'stage.entered')
      AND e.occurred_at >= %s AND e.occurred_at <= %s AND e.properties ->> 'cause' IS DISTINCT FROM 'model'
      AND e.contact_id IN ({people})
) m GROUP BY GROUPING SETS ((m.origin, m.stage), (m.origin), (m.stage)) ORDER BY m.origin, m.stage
"""


def counted(
    people: ContactQuerySet, now: datetime, stretch: timedelta = WEEK
) -> tuple[list[FlowCount], list[Turnover]]:
    """Count who of `people` moved of late, from where to where, and for each stage who came in and went out."""
    visible, params = people.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(people=visible), [now - stretch, now, *params])
        rows = cursor.fetchall()
    flows = [FlowCount(origin, to, people) for origin, to, people, all_to, all_from in rows if not (all_to or all_from)]
    came = {to: people for _origin, to, people, _all_to, all_from in rows if all_from}
    went = {origin: people for origin, _to, people, all_to, _all_from in rows if all_to and origin is not None}
    turned = [Turnover(stage, came.get(stage, 0), went.get(stage, 0)) for stage in sorted({*came, *went})]
    return flows, turned


@dataclass(frozen=True)
class Flow:
    """How many people went from one stage (None: from none) to another within the last week."""

    origin: str | None
    to: str
    people: int
    is_backward: bool
    way: str  # of the filter of people: the stage's number, "none"
    to_id: int


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
    week = Event.objects.filter(kind_id=number_of("stage.entered"), occurred_at__gte=now - WEEK, occurred_at__lte=now)
    return week.filter(contact__in=people).exclude(properties__cause="model")


def _flow(origin: Stage | None, to: Stage, people: int) -> Flow:
    return Flow(
        origin=origin.label if origin else None,
        to=to.label,
        people=people,
        is_backward=origin is not None and origin.position > to.position,
        way=str(origin.pk) if origin else "none",
        to_id=to.pk,
    )
