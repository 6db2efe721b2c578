"""Journeys started by hand: for one person, for people of the list, for a segment."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.errors import Invalid
from contacts.people.views.bulk import Act, BulkAct
from contacts.segments.acts import SegmentActKind
from crm.team.models import User
from crm.team.permissions import Action
from journeys.engine import entering
from journeys.engine.wake import wake
from journeys.journey.models import Journey, JourneyState
from journeys.triggers.by_hand import BY_HAND


def startable() -> QuerySet[Journey]:
    """Return the journeys that run and have “put in by hand” among their ways in, by name."""
    by_hand = Journey.objects.filter(
        state=JourneyState.RUNNING, live__graph__triggers__contains=[{"kind": BY_HAND.key}]
    )
    return by_hand.only("pk", "name").order_by("name")


def start(journey: Journey, contacts: Sequence[int], _by: User, now: datetime) -> int:
    """Ask that these people come in, and return how many; the journey's own rules decide who does."""
    asked = entering.request(journey.pk, contacts, now=now)
    wake()
    return asked


def _prepare(request: HttpRequest) -> Act:
    raw = request.POST.get("choice", "")
    journey = startable().filter(pk=raw).first() if raw.isascii() and raw.isdecimal() and len(raw) < 19 else None
    if journey is None:
        raise Invalid({"choice": _("Choose one.")})
    return lambda ids, by, now: start(journey, ids, by, now)


def _choices() -> list[tuple[str, str]]:
    return [(str(journey.pk), journey.name) for journey in startable()]


START_FOR_PEOPLE = BulkAct(
    "journey",
    Action.JOURNEY_EDIT,
    gettext_lazy("Start a journey"),
    gettext_lazy(
        "These people come into the journey in a moment, as far as its rules let them in: who is inside already, or "
        "was and may not come again, stays as is. Only journeys with the start “put in by hand” can be chosen."
    ),
    (),
    _prepare,
    gettext_lazy("Journey"),
    _choices,
    "route",
)
START_FOR_SEGMENT = SegmentActKind("journey", gettext_lazy("Start a journey"), Action.JOURNEY_EDIT, startable, start)
