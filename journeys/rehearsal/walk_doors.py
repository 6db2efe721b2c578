"""The editor's door to a walk: one person's way through the draft as JSON. Her mails: walk_mail.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.sending.models import LeftOut
from contacts.people.models import Contact
from crm.kit.clock import now
from crm.kit.figures import day_and_time
from crm.team.permissions import reader
from journeys.editor.bodies import posted, refused
from journeys.engine.models import End, Refused
from journeys.errors import BadGraph, PublishRefused
from journeys.graph.graph import Graph
from journeys.graph.parsing import parse
from journeys.journey.models import Journey
from journeys.rehearsal import asking
from journeys.rehearsal.occasions import Occasion, occasions
from journeys.rehearsal.telling import Outlets, name_of, outlets_of
from journeys.rehearsal.walk_mail import INVENTED
from journeys.rehearsal.walking import Stop, Walk, walk, walker

Context = dict[str, Any]
SAMPLE = "sample"


@require_POST
def walks(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - answered in JSON
    """Lead {"person": a number or "invented"} through {"graph"}.

    {"chosen"}: outlets to take, by step; {"occasion"}: the event that brings her in, or "sample"; else her newest.
    """
    get_object_or_404(Journey, pk=number)
    asked, at = posted(request), now()
    try:
        graph = asking.runnable(parse(asked.get("graph")))
    except (BadGraph, PublishRefused) as error:
        return refused(error.problems)
    try:
        with walker(_number(asked.get("person")), get_language() or "en", reader(request), at) as person:
            ways_in = occasions(graph, person.pk, at)
            began = _chosen(ways_in, asked.get("occasion"))
            found = walk(graph, person.pk, _texts(asked.get("chosen")), at, journey_id=number, occasion=began)
            told = _told(graph, found, str(asked.get("person")), began, at)
            return JsonResponse(told | {"name": str(person)} | _offered(ways_in, began))
    except Contact.DoesNotExist as error:
        raise Http404 from error


def _number(person: object) -> int | None:
    if person == INVENTED:
        return None
    if isinstance(person, int) and not isinstance(person, bool):
        return person
    raise Http404


def _texts(chosen: object) -> dict[str, str]:
    given = chosen if isinstance(chosen, dict) else {}
    return {key: value for key, value in given.items() if isinstance(key, str) and isinstance(value, str)}


def _chosen(ways_in: Sequence[Occasion], wanted: object) -> Occasion | None:
    """Return the one that was chosen, else the first; None where nothing can be."""
    return next((one for one in ways_in if _name(one) == wanted), next(iter(ways_in), None))


def _name(one: Occasion) -> str:
    return str(one.event) if one.event else SAMPLE


def _offered(ways_in: Sequence[Occasion], began: Occasion | None) -> dict[str, Any]:
    return {
        "occasions": [{"id": _name(one), "said": one.said} for one in ways_in],
        "occasion": _name(began) if began else "",
        "sample": began is not None and not began.event,
    }


def _told(graph: Graph, found: Walk, asked: str, began: Occasion | None, at: datetime) -> dict[str, Any]:
    outlets = outlets_of(graph)
    stops = [
        _stop(graph, stop, outlets, at) | _mail(graph, stop, {"person": asked, "entered": at.isoformat()}, began)
        for stop in found.stops
    ]
    end = _("Waits here.") if found.waiting else str(End(found.ended).label)
    return {
        "stops": stops,
        "refused": str(Refused(found.refused).label) if found.refused else "",
        "end": {"key": found.waiting, "said": end, "at": day_and_time(found.until), "after": _days(found.until, at)},
        "begins": day_and_time(at),
    }


def _stop(graph: Graph, stop: Stop, outlets: Outlets, at: datetime) -> dict[str, Any]:
    ways = outlets[stop.key]
    return {
        "key": stop.key,
        "step": name_of(graph.by_key[stop.key]),
        "arrived": day_and_time(stop.arrived_at),
        "after": _days(stop.arrived_at, at),
        "outlet": stop.outlet,
        "outlets": [{"key": outlet.key, "label": str(outlet.label)} for outlet in ways] if len(ways) > 1 else [],
    }


def _mail(graph: Graph, stop: Stop, asked: dict[str, str], began: Occasion | None) -> dict[str, Any]:
    """Return what the door to the mail of this stop is asked with, and why she gets none; nothing for another step."""
    if stop.mail is None:
        return {}
    step = graph.by_key[stop.key]
    settings = {name: step.settings.get(name) or "" for name in ("template", "sender", "subject")}
    told = {name: str(value) for name, value in began.shown.items()} if began else {}
    return {
        "left_out": str(LeftOut(stop.mail).label) if stop.mail else "",
        "mail": settings | asked | told | {"step": step.name, "at": stop.arrived_at.isoformat()},
    }


def _days(moment: datetime, begins: datetime) -> float:
    """Return how many days after the beginning it is."""
    return round((moment - begins).total_seconds() / 86_400, 4)
