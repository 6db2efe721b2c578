"""Journeys started by hand, for one person and for many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Gone, Params, Verb
from crm.team.api_tokens import TokenScope
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


def start(journey: Journey, contacts: Sequence[int], *, now: datetime) -> int:
    """Ask that these people come in, and return how many; the journey's own rules decide who does."""
    asked = entering.request(journey.pk, contacts, now=now)
    wake()
    return asked


class JourneyForm(ActForm):
    choice = forms.ChoiceField(label=gettext_lazy("Journey"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = [("", "–"), *((str(journey.pk), journey.name) for journey in startable())]
        self.fields["choice"].choices = running  # type: ignore[attr-defined]

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the chosen journey."""
        return {"journey": int(self.cleaned_data["choice"])}


def _start(params: Params, ids: Sequence[int], _by: User, now: datetime) -> dict[int, Any]:
    journey = startable().filter(pk=params["journey"]).first()
    if journey is None:
        raise Gone
    start(journey, ids, now=now)
    return dict.fromkeys(ids, True)


def _words(params: Params) -> str:
    journey = Journey.objects.filter(pk=params["journey"]).only("name").first()
    return journey.name if journey else _("deleted")


START_JOURNEY = Verb(
    "journey",
    Action.JOURNEY_EDIT,
    gettext_lazy("Start a journey"),
    gettext_lazy(
        "These people come into the journey in a moment, as far as its rules let them in: who is inside already, or "
        "was and may not come again, stays as is. Only journeys with the start “put in by hand” can be chosen."
    ),
    "route",
    JourneyForm,
    _start,
    _words,
    why_kept=gettext_lazy("This cannot be undone here; people are taken out on the journey's own page."),
    scope=TokenScope.JOURNEYS_WRITE,
)
