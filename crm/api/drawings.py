"""The drawings of journeys: made, saved as a draft by its version, published."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body, Free, Id, Text, Whole, Yes, several
from crm.api.journeys import DOOR, WHERE
from crm.api.problems import stale
from crm.api.route import Asked
from crm.team.permissions import Action
from journeys.errors import Problem, Severity, StaleDraft
from journeys.graph.graph import EMPTY
from journeys.graph.parsing import parse
from journeys.journey import editing, publishing
from journeys.journey.checking import problems
from journeys.journey.models import Journey, JourneyState

LONGEST_NOTE = 300
EXAMPLE = {"version": 1, "triggers": [], "first": "", "steps": [], "links": []}


class JourneyIn(Body):
    name = Text(max_length=editing.LONGEST_NAME, allow_blank=False)
    description = Text(max_length=2000, required=False)
    drawing = Free(required=False, help_text=_("As docs/journeys.md describes it; empty unless given."))


class DraftIn(Body):
    version = Whole(max_value=2**31 - 1, help_text=_("Of the draft that was read."))
    drawing = Free()


class ProblemOfDrawing(Body):
    """What is wrong with a drawing: `at` is the key of a step, trigger or exit, empty for the whole."""

    code = serializers.CharField()
    message = serializers.CharField()
    at = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    severity = serializers.ChoiceField(Severity.values)


class DraftShown(Body):
    """A journey's draft, and what keeps it from being published."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(JourneyState.values)
    version = serializers.IntegerField(help_text=_("Of the draft: a save and a publishing name it."))
    drawing = serializers.DictField()
    problems = ProblemOfDrawing(many=True)


def shown(row: Journey) -> dict[str, Any]:
    """Return a journey's draft with its problems as JSON values."""
    own = {name: getattr(row, name) for name in ("name", "description", "state", "version")}
    found = [_problem(one) for one in problems(parse(row.draft))]
    return {"id": row.pk, **own, "drawing": row.draft, "problems": found}


def _problem(one: Problem) -> dict[str, str]:
    told = {name: str(getattr(one, name)) for name in ("code", "message", "at", "field")}
    return {**told, "severity": one.severity.value}


def _found(journey_id: int) -> Journey:
    return get_object_or_404(Journey, pk=journey_id)


@DOOR.post(
    "journeys", Action.JOURNEY_EDIT, _("Make a journey"), takes=JourneyIn, gives=DraftShown, status=201,
    example={"name": "Welcome", "drawing": EXAMPLE}, text=_("It is a draft: nobody comes in before it is published."),
)  # fmt: skip
def make_journey(asked: Asked) -> dict[str, Any]:
    """Make a journey with a draft."""
    body = asked.body
    graph = parse(body["drawing"]) if "drawing" in body else EMPTY
    made = editing.create(body["name"], body.get("description", ""), graph=graph, by=asked.user, now=asked.now)
    return shown(made)


@DOOR.get(f"{WHERE}/draft", Action.JOURNEY_VIEW, _("Read a journey's draft"), gives=DraftShown)
def read_draft(asked: Asked, journey_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return the draft."""
    return shown(_found(journey_id))


@DOOR.patch(
    f"{WHERE}/draft", Action.JOURNEY_EDIT, _("Save a journey's drawing as its draft"), takes=DraftIn, gives=DraftShown,
    refuses=(409,), example={"version": 1, "drawing": EXAMPLE}, text=_("What runs stays as it is until you publish."),
)  # fmt: skip
def save_draft(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Save a drawing; a repeat changes nothing."""
    row, body = _found(journey_id), asked.body
    try:
        return shown(editing.save_draft(row.pk, body["drawing"], version=body["version"], by=asked.user, now=asked.now))
    except StaleDraft:
        raise stale(shown(_found(journey_id))) from None


class MoveIn(Body):
    """Where the people of a step of an older version go."""

    step_id = Id()
    to = Text(max_length=40, allow_blank=False, help_text=_("A step of the draft by its key; “keep” or “leave”."))


class PublishIn(Body):
    version = Whole(max_value=2**31 - 1, help_text=_("Of the draft that was read."))
    note = Text(max_length=LONGEST_NOTE, required=False)
    start_existing = Yes(required=False, help_text=_("Let those in, too, who fit a start already."))
    moves = several(MoveIn(), 1_000, required=False, help_text=_("Who is not named keeps their version."))


class PublishedShown(Body):
    """A published version."""

    journey_id = serializers.IntegerField()
    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()


@DOOR.post(
    f"{WHERE}/publish", Action.JOURNEY_EDIT, _("Publish a journey's draft"), takes=PublishIn, gives=PublishedShown,
    example={"version": 2, "note": "A second mail."}, text=_("One draft is published once: a repeat changes nothing."),
)  # fmt: skip
def publish_journey(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Publish the draft."""
    row, body = _found(journey_id), asked.body
    moves = {one["step_id"]: one["to"] for one in body.get("moves", [])}
    more = {"moves": moves, "start_existing": body.get("start_existing", False), "note": body.get("note", "")}
    try:
        made = publishing.publish(row.pk, by=asked.user, now=asked.now, version=body["version"], **more)
    except StaleDraft:
        raise stale(shown(_found(journey_id))) from None
    return {"journey_id": row.pk, "number": made.number, "published_at": made.published_at}


class RenameIn(Body):
    name = Text(max_length=editing.LONGEST_NAME, allow_blank=False, required=False)
    description = Text(max_length=2000, required=False)


@DOOR.patch(
    WHERE, Action.JOURNEY_EDIT, _("Name a journey anew"), takes=RenameIn, gives=DraftShown, refuses=(409,),
    example={"name": "Welcome, in two mails"},
)  # fmt: skip
def rename_journey(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Change name or description; the drawing stays."""
    row, body = _found(journey_id), asked.body
    name, text = body.get("name", row.name), body.get("description", row.description)
    return shown(editing.rename(row.pk, name, text))
