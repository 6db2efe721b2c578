"""The editor's questions and orders, answered in JSON; mounted in the admin by admin.py, which guards them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import Invalid
from crm.kit.clock import now
from crm.team.permissions import reader
from journeys.editor import panels
from journeys.editor.bodies import posted, refused
from journeys.editor.drawn import drawn
from journeys.editor.forms import NameForm
from journeys.errors import BadGraph, Problem, StaleDraft, WrongState
from journeys.graph.layout import laid_out
from journeys.graph.parsing import parse
from journeys.journey import editing
from journeys.journey.models import Journey

Context = dict[str, Any]


@require_POST
def draft(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - answered in JSON
    """Save {"version", "graph"}: 200 with the new version and what the canvas shows, 409 when somebody was quicker."""
    asked = posted(request)
    version = asked.get("version")
    if not isinstance(version, int):
        return refused([Problem("shape", _("The number of the draft is missing."))])
    get_object_or_404(Journey, pk=number)
    try:
        saved = editing.save_draft(number, asked.get("graph"), version=version, by=reader(request), now=now())
    except BadGraph as error:
        return refused(error.problems)
    except StaleDraft as error:
        return JsonResponse({"stale": str(error), "version": error.version, "by": error.by}, status=409)
    except WrongState as error:
        return refused([Problem("state", str(error))])
    return JsonResponse({"version": saved.version, **drawn(parse(saved.draft))})


@require_safe
def pulse(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Return the draft's version, and the sentence that tells of it to whom has an older one."""
    journey = get_object_or_404(Journey.objects.select_related("changed_by").defer("draft"), pk=number)
    stale = editing.stale(journey, reader(request))
    return JsonResponse({"version": journey.version, "stale": str(stale)})


@require_POST
def copy(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Make a journey of its own of {"graph"}; return its address."""
    journey = get_object_or_404(Journey, pk=number)
    try:
        graph = parse(posted(request).get("graph"))
        made = editing.create(editing.copy_name(journey.name), graph=graph, by=reader(request), now=now())
    except BadGraph as error:
        return refused(error.problems)
    except Invalid as error:
        return refused([Problem("settings", str(error))])
    return JsonResponse({"url": reverse("admin:journeys_journey_change", args=[made.pk])})


@require_safe
def theirs(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Return the draft as it stands now."""
    journey = get_object_or_404(Journey, pk=number)
    graph = parse(journey.draft)
    return JsonResponse({"version": journey.version, "graph": graph.stored(), **drawn(graph)})


@require_POST
def layout(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Return {"graph"} with every step on a new place; nothing is saved."""
    get_object_or_404(Journey, pk=number)
    try:
        graph = parse(posted(request).get("graph"))
    except BadGraph as error:
        return refused(error.problems)
    return JsonResponse({"graph": laid_out(graph).stored()})


@require_POST
def name(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Give the journey another name and description; back to the canvas, which says what was wrong."""
    get_object_or_404(Journey, pk=number)
    form = NameForm(request.POST)
    try:
        if form.is_valid():
            editing.rename(number, form.cleaned_data["name"], form.cleaned_data["description"])
    except Invalid as error:
        form.add_error(None, str(error))
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return redirect("admin:journeys_journey_change", number)


@require_POST
def panel(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001
    """Return the panel of a step, trigger or the journey: {"what", "kind"} with "settings" to open, "typed" to read."""
    get_object_or_404(Journey, pk=number)
    asked = posted(request)
    found = panels.answer(request, asked)
    if found is None:
        return refused([Problem("unknown_kind", _("There is no such step."))])
    return JsonResponse(found)
