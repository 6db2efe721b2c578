"""Publishing from the editor: what stands in the way, what changes, whom it moves; asked before anything happens."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.errors import JourneyError, Problem, PublishRefused, Severity, StaleDraft
from journeys.graph.differing import differences, title
from journeys.graph.filled import fill_trigger
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.journey import publishing
from journeys.journey.checking import problems
from journeys.journey.models import Journey
from journeys.journey.publishing import Waiting

Context = dict[str, Any]
LONGEST_NOTE = 300


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - a part of a page
    """Say what publishing would do; POST does it, and leads back to the canvas."""
    journey = get_object_or_404(Journey.objects.select_related("live"), pk=number)
    if request.method == "GET":
        return _ask(request, journey)
    version = request.POST.get("version", "")
    try:
        made = publishing.publish(
            number,
            by=reader(request),
            now=now(),
            version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0,
            moves=moves_of(request.POST),
            start_existing="start_existing" in request.POST,
            note=request.POST.get("note", "").replace("\0", "").strip()[:LONGEST_NOTE],
        )
    except JourneyError as error:
        journey.refresh_from_db()
        return _ask(request, journey, fault=error)
    messages.success(request, _("Version %(number)d is published.") % {"number": made.number})
    return redirect("admin:journeys_journey_change", number)


def _ask(request: HttpRequest, journey: Journey, *, fault: JourneyError | None = None) -> HttpResponse:
    graph = parse(journey.draft)
    found = fault.problems if isinstance(fault, PublishRefused) else problems(graph)
    live = parse(journey.live.graph) if journey.live else EMPTY
    shown = {
        "journey": journey,
        "fault": "" if isinstance(fault, PublishRefused) or fault is None else str(fault),
        "errors": [(place_of(graph, one), one) for one in found if one.severity == Severity.ERROR],
        "warnings": [(place_of(graph, one), one) for one in found if one.severity == Severity.WARNING],
        "changes": differences(live, graph) if journey.live else [],
        "waiting": [_row(row, graph, live) for row in publishing.waiting(journey.pk)],
        "steps": [(step.key, title(step)) for step in graph.steps],
    }
    if not shown["errors"]:
        shown |= _existing(graph)
    status = 409 if isinstance(fault, StaleDraft) else 400 if fault else 200
    return TemplateResponse(request, "journeys/editor/publish.html", shown, status=status)


def place_of(graph: Graph, problem: Problem) -> str:
    """Return the step that a problem is at, in words; "" for the whole journey."""
    return title(graph.by_key[problem.at]) if problem.at in graph.by_key else ""


def _row(row: Waiting, graph: Graph, live: Graph) -> dict[str, Any]:
    """Return one step where people wait, with what may become of them; the same step is offered where it is left."""
    step = live.by_key.get(row.key) or graph.by_key.get(row.key)
    return {"at": row, "title": row.name or (title(step) if step else row.kind), "same": row.key in graph.by_key}


def _existing(graph: Graph) -> dict[str, Any]:
    """Return who fits the triggers already: by trigger in words, and whether anybody does."""
    fits = publishing.fitting(graph, now=now())
    said = {trigger.key: fill_trigger(trigger).said for trigger in graph.triggers}
    return {"fitting": [(said[key], count) for key, count in fits.items()], "anybody": sum(fits.values())}


def moves_of(posted: QueryDict) -> Mapping[int, str]:
    """Return what becomes of the people of each step: fields "move-<id>" with keep, leave, or a step's key."""
    found = {}
    for name, value in posted.items():
        number = name.removeprefix("move-")
        if number != name and number.isascii() and number.isdecimal() and len(number) < 19:
            found[int(number)] = str(value)[:40]
    return found
