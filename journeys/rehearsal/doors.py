"""The editor's doors to a rehearsal: ask for one, see how far it is, what it found. Guarded by the editor's admin."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor.bodies import posted, refused
from journeys.errors import BadGraph, PublishRefused
from journeys.graph.parsing import parse
from journeys.journey.models import Journey
from journeys.rehearsal import asking, telling
from journeys.rehearsal.models import Rehearsal

DAYS = (30, 90, 180, 365)
Context = dict[str, Any]


@require_POST
def ask(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - answered in JSON
    """Have {"graph"} run over the last {"days"}; 400 with the problems of the drawing."""
    get_object_or_404(Journey, pk=number)
    asked = posted(request)
    days = asked.get("days")
    try:
        graph = parse(asked.get("graph"))
        asking.ask(number, graph, days if days in DAYS else DAYS[1], by=reader(request), now=now())
    except (BadGraph, PublishRefused) as error:
        return refused(error.problems)
    return _newest(request, number)


@require_POST
def stop(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Give up what she asked for."""
    get_object_or_404(Journey, pk=number)
    asking.give_up(number, reader(request))
    return JsonResponse({"state": "cancelled"})


@require_GET
def look(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Return her newest rehearsal of the journey: {"state", "share"}, and what it found when it is done."""
    return _newest(request, number)


def _newest(request: HttpRequest, number: int) -> JsonResponse:
    newest = Rehearsal.objects.filter(journey=number, asked_by=reader(request)).order_by("-pk").first()
    return JsonResponse(telling.told(newest, reader(request)) if newest else {"state": "none"})
