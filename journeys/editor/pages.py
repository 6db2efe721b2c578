"""The pages of the editor: making a journey, and the canvas. Mounted in the admin by admin.py, which guards them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.errors import Invalid
from contacts.stages.choice import stages_in_use
from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor import palette
from journeys.editor.drawn import drawn
from journeys.editor.forms import NameForm
from journeys.editor.words import ICONS, words
from journeys.errors import BadGraph
from journeys.graph.graph import EMPTY
from journeys.graph.parsing import parse
from journeys.journey import editing
from journeys.journey.models import Journey
from journeys.rehearsal import doors as rehearsal

Context = dict[str, Any]


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, context: Context) -> HttpResponse:
    """Ask for a name; make the journey and open its canvas."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = editing.create(data["name"], data["description"], by=reader(request), now=now())
        except Invalid as error:
            for field, message in error.errors.items():
                form.add_error(field, message)
        else:
            return redirect("admin:journeys_journey_change", made.pk)
    shown = {"form": form, "title": _("New journey")}
    return TemplateResponse(request, "journeys/editor/new.html", context | shown, status=400 if form.errors else 200)


@require_safe
def edit(request: HttpRequest, number: int, context: Context) -> HttpResponse:
    """Show the canvas of a journey's draft."""
    journey = get_object_or_404(Journey.objects.select_related("live", "changed_by"), pk=number)
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
