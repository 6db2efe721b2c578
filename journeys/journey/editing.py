"""The draft of a journey: making one, naming it, keeping what was drawn. Nothing here reaches people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid, NameTaken
from contacts.lists.fixed import clean_name
from crm.kit.text import ForbiddenCharacter, clean_text
from crm.team.models import User
from journeys.errors import StaleDraft, WrongState
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyState

LONGEST_NAME = 120


def create(name: str, description: str = "", *, graph: Graph = EMPTY, by: User | None, now: datetime) -> Journey:
    """Make a journey with a draft and nothing live. Raises Invalid, NameTaken."""
    named = _named(name, description)
    try:
        with transaction.atomic():
            return Journey.objects.create(
                **named, draft=graph.stored(), created_by=by, created_at=now, changed_by=by, changed_at=now
            )
    except IntegrityError as error:
        raise NameTaken from error


def rename(journey_id: int, name: str, description: str) -> Journey:
    """Give a journey another name and description; its drawing stays. Raises Invalid, NameTaken."""
    named = _named(name, description)
    try:
        with transaction.atomic():
            Journey.objects.filter(pk=journey_id).update(**named)
    except IntegrityError as error:
        raise NameTaken from error
    return Journey.objects.get(pk=journey_id)


@transaction.atomic
def save_draft(journey_id: int, raw: Any, *, version: int, by: User | None, now: datetime) -> Journey:
    """Keep the drawing that was begun on draft `version`; the journey comes back with its new version.

    Saving what stands already changes nothing, so a repeat is harmless. Raises BadGraph, StaleDraft, WrongState.
    """
    drawn = parse(raw).stored()
    journey = Journey.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=journey_id)
    if journey.draft == drawn:
        return journey
    if journey.version != version:
        raise stale(journey, by)
    if journey.state == JourneyState.ARCHIVED:
        raise WrongState(journey.get_state_display())
    journey.draft, journey.version, journey.changed_by, journey.changed_at = drawn, version + 1, by, now
    journey.save(update_fields=["draft", "version", "changed_by", "changed_at"])
    return journey


def stale(journey: Journey, reader: User | None) -> StaleDraft:
    """Return the error that tells `reader` who has saved the draft as it stands, herself in another window perhaps."""
    saved_by = journey.changed_by
    return StaleDraft(
        journey.version, saved_by.name if saved_by else "", own=saved_by is not None and saved_by == reader
    )


def copy_name(name: str) -> str:
    """Return a name for a copy that nobody has taken: "Copy of …", then "Copy 2 of …"."""
    for number in range(1, 1_000):
        pattern = _("Copy of %(name)s") if number == 1 else _("Copy %(number)d of %(name)s")
        found = (pattern % {"name": name, "number": number})[:LONGEST_NAME]
        if not Journey.objects.filter(name__iexact=found).exists():
            return found
    raise NameTaken


def _named(name: str, description: str) -> Mapping[str, str]:
    try:
        return {"name": clean_name(name, LONGEST_NAME), "description": clean_text(description).strip()[:2_000]}
    except ForbiddenCharacter as error:
        raise Invalid({"description": _("Control characters are not allowed here.")}) from error
