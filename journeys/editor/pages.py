"""The canvas of a journey; making one is beginning.py. Mounted in the admin by admin.py, which guards it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.stages.choice import stages_in_use
from journeys.editor import palette
from journeys.editor.drawn import drawn
from journeys.editor.forms import NameForm
from journeys.editor.words import ICONS, words
from journeys.errors import BadGraph
from journeys.graph.graph import EMPTY
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyState
from journeys.rehearsal import doors as rehearsal

Context = dict[str, Any]


@require_safe
def edit(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """Show the canvas of a journey's draft; an archived one is only looked at, on its page."""
    journey = get_object_or_404(Journey.objects.select_related("live", "changed_by"), pk=number)
    if journey.state == JourneyState.ARCHIVED:
        messages.info(request, _("This journey is archived: it can be looked at and copied, but not changed."))
        return redirect("journeys:journey", number)
    try:
        graph, broken = parse(journey.draft), ""
    except BadGraph as error:
        graph, broken = EMPTY, str(error)
    shown = {
        "journey": journey,
        "broken": broken,
        "title": journey.name,
        "canvas": {"version": journey.version, "graph": graph.stored(), "lanes": lanes(), **drawn(graph)},
        "palette": {"shelves": palette.shelves(), "triggers": palette.triggers()},
        "words": words(),
        "icons": sorted(palette.icons() | ICONS),
        "inside": journey.enrolments.filter(ended_at=None).count(),
        "rehearsal_days": rehearsal.DAYS,
        "form": NameForm(initial={"name": journey.name, "description": journey.description}),
    }
    return TemplateResponse(request, "journeys/editor/canvas.html", context | shown)


def lanes() -> list[dict[str, str]]:
    """Return the lanes of the canvas: the stages of the model in use, then the one for no stage."""
    stages = [{"key": stage.key, "label": stage.label} for stage in stages_in_use()]
    return [*stages, {"key": "", "label": _("No stage")}]
