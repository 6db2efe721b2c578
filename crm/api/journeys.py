"""Journeys: the list, their drawing, starting one for people, what they brought."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body, Id, several
from crm.api.problems import Refusal
from crm.api.route import Asked, Door, Listing, Param
from crm.api.rows import MOST, people
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action
from journeys.journey.models import Journey, JourneyState
from journeys.results import report, starting
from journeys.results.figures import StepFigures, figures
from journeys.results.listing import Listed, listed
from journeys.results.window import CHOICES, USUAL, window

DOOR = Door("Journeys", TokenScope.JOURNEYS_READ, TokenScope.JOURNEYS_WRITE)
WHERE = "journeys/<row:journey_id>"
DAYS = Param("days", _("How far back: 1, 7, 30 or 90 days, or all."), choices=tuple(key for key, _label in CHOICES))


class JourneyShown(Body):
    """A journey; `entered` and `converted` are of the last `days`, `sent` of all time."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(JourneyState.values)
    inside = serializers.IntegerField()
    entered = serializers.IntegerField()
    converted = serializers.IntegerField()
    sent = serializers.IntegerField()
    changed_at = serializers.DateTimeField()


def _row(one: Listed) -> dict[str, Any]:
    own = {name: getattr(one.journey, name) for name in ("name", "description", "state", "changed_at")}
    return {
        "id": one.journey.pk,
        **own,
        **{key: getattr(one, key) for key in ("inside", "entered", "converted", "sent")},
    }


@DOOR.get(
    "journeys", Action.JOURNEY_VIEW, _("List journeys"), gives=JourneyShown, pages=True,
    query=(
        Param("q", _("Part of the name.")),
        Param("state", _("Only those that stand so."), choices=tuple(JourneyState.values)),
        DAYS,
    ),
)  # fmt: skip
def list_journeys(asked: Asked) -> Listing:
    """Return journeys, those changed last first; archived ones only when asked for."""
    state = asked.text("state")
    rows = Journey.objects.select_related("live").defer("draft", "live__graph")
    rows = rows.filter(name__icontains=asked.text("q"))
    rows = rows.filter(state=state) if state else rows.exclude(state=JourneyState.ARCHIVED)
    page = keyset_page(rows, ("-changed_at", "-id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(listed(page, window(asked.text("days") or USUAL, asked.now)), _row)


class DrawingShown(Body):
    """A journey as it is drawn: the version that runs, else the draft."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(JourneyState.values)
    version = serializers.IntegerField(allow_null=True, help_text=_("The version that runs; null: never published."))
    drawing = serializers.DictField()


@DOOR.get(WHERE, Action.JOURNEY_VIEW, _("Read a journey's drawing"), gives=DrawingShown)
def read_journey(asked: Asked, journey_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one journey."""
    row = get_object_or_404(Journey.objects.select_related("live"), pk=journey_id)
    drawing = row.live.graph if row.live else row.draft
    number = row.live.number if row.live else None
    return {"id": row.pk, "name": row.name, "state": row.state, "version": number, "drawing": drawing}


class StartIn(Body):
    contacts = several(Id(), MOST, min_length=1)


class StartShown(Body):
    asked = serializers.IntegerField(help_text=_("Who comes in a moment, if the journey's rules let them."))
    not_found = serializers.ListField(child=serializers.IntegerField())


@DOOR.post(
    f"{WHERE}/people", Action.JOURNEY_EDIT, _("Start a journey for people"), takes=StartIn, gives=StartShown,
    status=202, example={"contacts": [12, 15]},
    text=_("Only for journeys that run and have the start “put in by hand”."),
)  # fmt: skip
def start_journey(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Ask that people come into a journey."""
    get_object_or_404(Journey, pk=journey_id)
    journey = starting.startable().filter(pk=journey_id).first()
    if journey is None:
        raise Refusal("conflict", str(_("This journey cannot be started by hand now.")))
    chosen = people(asked.user, asked.body["contacts"])
    begun = starting.start(journey, chosen.ids, now=asked.now)
    return {"asked": begun, "not_found": chosen.missing}


class StepShown(Body):
    key = serializers.CharField()
    kind = serializers.CharField()
    waiting = serializers.IntegerField()
    came = serializers.IntegerField()
    converted = serializers.IntegerField()
    passed = serializers.DictField(child=serializers.IntegerField(), help_text=_("By outlet."))
    left = serializers.DictField(child=serializers.IntegerField(), help_text=_("By why."))
    mails = serializers.DictField(child=serializers.IntegerField(), allow_null=True)


class RevenueShown(Body):
    currency = serializers.CharField()
    orders = serializers.IntegerField()
    amount = serializers.CharField()


class JourneyResultsShown(Body):
    """What a journey brought, and what became of people at each step."""

    entered = serializers.IntegerField()
    inside = serializers.IntegerField()
    converted = serializers.IntegerField()
    held_out = serializers.IntegerField()
    refused = serializers.DictField(child=serializers.IntegerField(), help_text=_("By why."))
    revenue = RevenueShown(many=True)
    steps = StepShown(many=True)


@DOOR.get(
    f"{WHERE}/results", Action.JOURNEY_VIEW, _("Read what a journey brought"), gives=JourneyResultsShown, query=(DAYS,)
)
def read_results(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Return the figures of the journey's pages."""
    row, stretch = get_object_or_404(Journey, pk=journey_id), window(asked.text("days") or USUAL, asked.now)
    found = figures(row, stretch)
    earned = [
        {"currency": one.currency, "orders": one.orders, "amount": str(one.amount)}
        for one in report.revenue(row.pk, stretch, None)
    ]
    names = ("entered", "inside", "converted", "held_out")
    whole = {name: getattr(found, name) for name in names}
    return {**whole, "refused": found.refused, "revenue": earned, "steps": list(map(_step, found.steps.values()))}


def _step(step: StepFigures) -> dict[str, Any]:
    own = {name: getattr(step, name) for name in ("key", "kind", "waiting", "came", "converted", "mails")}
    return {**own, "passed": dict(step.passed), "left": dict(step.left)}
