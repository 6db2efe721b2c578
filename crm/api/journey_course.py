"""The course of a journey: paused, resumed, finished, archived, copied; its versions, and back to one."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.drawings import DraftShown, MoveIn, PublishedShown, shown
from crm.api.fields import Body, Whole, several
from crm.api.journeys import DOOR, WHERE
from crm.api.problems import stale
from crm.api.route import Asked, Listing
from crm.kit.paging import keyset_page
from crm.team.permissions import Action
from journeys.errors import StaleDraft
from journeys.journey import control, publishing
from journeys.journey.models import Journey, JourneyState, JourneyVersion


class StateShown(Body):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(JourneyState.values)


def _verb(key: str, summary: Any, text: Any, do: Callable[[Asked, int], Any]) -> None:
    def act(_asked: Asked, journey_id: int) -> dict[str, Any]:
        get_object_or_404(Journey, pk=journey_id)
        do(_asked, journey_id)
        return {"id": journey_id, "state": Journey.objects.get(pk=journey_id).state}

    act.__name__ = f"{key}_journey"
    DOOR.post(f"{WHERE}/{key}", Action.JOURNEY_EDIT, summary, gives=StateShown, text=text)(act)


_verb(
    "pause", _("Pause a journey"), _("Nobody moves, nobody comes in, no mail leaves."),
    lambda _asked, number: control.pause(number),
)  # fmt: skip
_verb(
    "resume", _("Let a journey go on"), _("Who became due meanwhile is due now."),
    lambda _asked, number: control.resume(number),
)  # fmt: skip
_verb(
    "finish", _("Let nobody into a journey any more"), _("Who is inside goes on to the end."),
    lambda _asked, number: control.finish(number),
)  # fmt: skip
_verb(
    "archive", _("End a journey for good"), _("Everybody inside leaves, and no mail leaves any more."),
    lambda asked, number: control.archive(number, now=asked.now),
)  # fmt: skip


@DOOR.post(f"{WHERE}/clone", Action.JOURNEY_EDIT, _("Copy a journey"), gives=DraftShown, status=201)
def clone_journey(asked: Asked, journey_id: int) -> dict[str, Any]:
    """Make a draft with the same drawing."""
    get_object_or_404(Journey, pk=journey_id)
    return shown(control.clone(journey_id, by=asked.user, now=asked.now))


class JourneyVersionShown(Body):
    """A published version; people keep theirs until they are moved."""

    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by_id = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    drawing = serializers.DictField()


_OF_VERSION = ("number", "published_at", "published_by_id", "note")


def _version(row: JourneyVersion) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _OF_VERSION}, "drawing": row.graph}


@DOOR.get(
    f"{WHERE}/versions", Action.JOURNEY_VIEW, _("List a journey's versions"), gives=JourneyVersionShown, pages=True
)
def list_versions(asked: Asked, journey_id: int) -> Listing:
    """Return versions, the newest first."""
    rows = get_object_or_404(Journey, pk=journey_id).versions.all()
    return Listing.of(keyset_page(rows, ("-number",), cursor=asked.cursor, size=asked.size), _version)


class BackIn(Body):
    live = Whole(max_value=2**31 - 1, help_text=_("The number of the version that runs, as it was read."))
    moves = several(MoveIn(), 1_000, required=False, help_text=_("Who is not named keeps their version."))


@DOOR.post(
    f"{WHERE}/versions/<row:number>/publish", Action.JOURNEY_EDIT, _("Publish an old version again"), takes=BackIn,
    gives=PublishedShown, example={"live": 3}, text=_("Its drawing becomes the next version; the draft stays."),
)  # fmt: skip
def publish_again(asked: Asked, journey_id: int, number: int) -> dict[str, Any]:
    """Publish the drawing of an older version as the next one."""
    row = get_object_or_404(Journey, pk=journey_id)
    get_object_or_404(JourneyVersion, journey=row, number=number)
    moves = {one["step_id"]: one["to"] for one in asked.body.get("moves", [])}
    live = asked.body["live"]
    try:
        made = publishing.roll_back(row.pk, number, by=asked.user, now=asked.now, live_number=live, moves=moves)
    except StaleDraft:
        raise stale(shown(Journey.objects.get(pk=journey_id))) from None
    return {"journey_id": row.pk, "number": made.number, "published_at": made.published_at}
