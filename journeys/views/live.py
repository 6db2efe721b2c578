"""A journey as it runs: its drawing with live numbers, who is where, and what colleagues may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.kit import clock
from crm.team.permissions import Action, allowed, reader
from journeys.editor.drawn import looks
from journeys.editor.pages import lanes
from journeys.editor.palette import icons
from journeys.editor.words import words
from journeys.engine.models import Enrolment, Refused
from journeys.errors import BadGraph
from journeys.graph.filled import Filled, fill
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyStep
from journeys.results import telling
from journeys.results.behind import Behind
from journeys.results.figures import Figures, figures
from journeys.results.walked import walked
from journeys.results.window import CHOICES, USUAL, Window, window
from journeys.steps.kind import STEP_KINDS


@dataclass(frozen=True)
class Looked:
    """Which journey, over which time, and which version alone (None: all)."""

    journey: Journey
    stretch: Window
    version: int | None

    @property
    def about(self) -> Behind:
        """What the addresses of its people begin with."""
        return Behind(self.journey.pk, "", "inside", self.stretch.key, self.version)


def looked_at(request: HttpRequest, journey_id: int) -> Looked:
    """Read ?days= and ?version=. Raises Http404 for what does not exist."""
    journey = get_object_or_404(Journey.objects.select_related("live"), pk=journey_id)
    number = request.GET.get("version", "")
    try:
        stretch = window(request.GET.get("days") or USUAL, clock.now())
    except ValueError as error:
        raise Http404 from error
    if number and not (number.isascii() and number.isdecimal() and len(number) < 9):
        raise Http404
    if number and not journey.versions.filter(number=int(number)).exists():
        raise Http404
    return Looked(journey, stretch, int(number) if number else None)


@require_safe
@allowed(Action.JOURNEY_VIEW)
def journey(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Show the drawing with its numbers; a journey that was never published shows its draft."""
    looked = looked_at(request, journey_id)
    graph = drawing(looked)
    filled = fill(graph)
    found = figures(looked.journey, looked.stretch, looked.version)
    numbers = _numbers(found, looked, filled)
    context = page_context(looked) | numbers | {
        "canvas": {"version": 0, "graph": graph.stored(), "lanes": lanes(), **looks(filled), "problems": []},
        "figures": {"steps": numbers["steps"], "entered": numbers["entered"]},
        "palette": {"shelves": [], "triggers": []},
        "words": words() | {"port_hint": "", "no_trigger": _("Nobody comes in by itself")},
        "icons": sorted(icons() | telling.ICONS | {"alert-circle", "message-circle", "player-play", "plus", "x"}),
        "legend": telling.legend(),
        "walked": walked(reader(request), request.GET.get("person", ""), journey_id),
    }  # fmt: skip
    return render(request, "journeys/results/journey.html", context)


@require_safe
@allowed(Action.JOURNEY_VIEW)
def numbers(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Answer with the numbers alone, as JSON for the canvas, and as HTML for the tiles and the list."""
    looked = looked_at(request, journey_id)
    filled = fill(drawing(looked))
    found = _numbers(figures(looked.journey, looked.stretch, looked.version), looked, filled)
    context = page_context(looked) | found
    html = {
        "summary": render_to_string("journeys/results/summary.html", context, request),
        "table": render_to_string("journeys/results/table.html", context, request),
    }
    return JsonResponse({"steps": found["steps"], "entered": found["entered"], **html})


def page_context(looked: Looked) -> dict[str, Any]:
    """Return what the head of each page about a journey shows."""
    versions = list(looked.journey.versions.order_by("-number").values_list("number", flat=True)[:50])
    return {
        "journey": looked.journey,
        "days": looked.stretch.key,
        "windows": CHOICES,
        "version": looked.version,
        "versions": versions,
        "inside": looked.journey.enrolments.filter(ended_at=None).count(),
        "broken": _broken(looked.journey.pk),
    }


def _broken(journey_id: int) -> bool:
    """Tell whether something waits for a colleague: a step that cannot be done, or people set aside."""
    aside = Enrolment.objects.filter(journey=journey_id, ended_at=None).exclude(problem="")
    return aside.exists() or JourneyStep.objects.filter(version__journey=journey_id).exclude(problem="").exists()


def drawing(looked: Looked) -> Graph:
    """Return the drawing of the chosen version, else of the one that runs, else the draft; empty if unreadable."""
    if looked.version is not None:
        stored = looked.journey.versions.values_list("graph", flat=True).get(number=looked.version)
    else:
        stored = looked.journey.live.graph if looked.journey.live else looked.journey.draft
    try:
        return parse(stored)
    except BadGraph:
        return EMPTY


def _numbers(found: Figures, looked: Looked, filled: Filled) -> dict[str, Any]:
    labels = {each.step.key: {one.key: str(one.label) for one in each.outlets} for each in filled.steps}
    told = telling.told(found, looked.about, labels)
    names = {each.step.key: each.step.name or each.said for each in filled.steps}
    order = [*names, *(key for key in told["steps"] if key not in names)]
    rows = [_row(key, names, told["steps"], found) for key in order if key in told["steps"]]
    return told | {"summary": telling.summary(found, looked.about), "rows": rows, "refused": _refused(found)}


def _row(key: str, names: Mapping[str, str], told: Mapping[str, Any], found: Figures) -> dict[str, Any]:
    """Return one line of the list; a step of an older version goes by the label of its kind."""
    kind = found.steps[key].kind
    label = str(STEP_KINDS[kind].label) if kind in STEP_KINDS else kind
    return {"key": key, "name": names.get(key, label), "label": label, "old": key not in names, **told[key]}


def _refused(found: Figures) -> list[tuple[str, int]]:
    return [(str(Refused(reason).label), n) for reason, n in sorted(found.refused.items(), key=lambda row: -row[1])]
