"""Doing something with everybody in a segment: what, to how many; then its progress, and stopping it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import Invalid
from contacts.segments import acts, queries
from contacts.segments.acts import ACTS
from contacts.segments.models import Segment, SegmentAct
from crm.kit import clock
from crm.team.permissions import Action, allowed, may, reader

SHOWN = 5


def told(segment: Segment) -> dict[str, Any]:
    """Return the latest `acts` on a segment with their words, newest first, and whether one is `working`."""
    latest = list(segment.acts.select_related("by")[:SHOWN])
    rows = [{"act": act, "label": ACTS[act.act].label, "target": acts.target_of(act)} for act in latest]
    return {"acts": rows, "working": any(act.is_working for act in latest)}


@allowed(Action.CONTACT_EDIT)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Choose what to do with everybody in the segment; a POST queues it."""
    segment, user = get_object_or_404(Segment.objects.audiences(), pk=segment_id), reader(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _start(request, segment)
        except Invalid as error:
            errors = error.errors
        else:
            messages.success(request, _("It is being done; the segment's page shows how far it is."))
            return redirect("contacts:segment", segment.pk)
    kinds = [
        {"kind": kind, "targets": [(row.pk, str(row)) for row in kind.targets()[:500]]}
        for kind in ACTS
        if may(user, kind.action)
    ]
    context = {"segment": segment, "kinds": kinds, "errors": errors, "may_list": may(user, Action.LIST_EDIT)}
    context["people"] = queries.members_of(segment, user).count()
    return render(request, "contacts/segments/act.html", context, status=400 if errors else 200)


def _start(request: HttpRequest, segment: Segment) -> SegmentAct:
    """Queue what was chosen: a list of its people as they are now, or an act with its target. Raises Invalid."""
    user, now, chosen = reader(request), clock.now(), request.POST.get("act", "")
    if chosen == "snapshot":
        return acts.snapshot(segment, request.POST.get("name", ""), by=user, now=now)
    raw = request.POST.get(f"target-{chosen}", "")
    target = int(raw) if raw.isdecimal() and raw.isascii() and len(raw) < 19 else None
    if target is None and raw != "none":
        raise Invalid({"act": _("Choose what to do with these people.")})
    return acts.start(segment, chosen, target, by=user, now=now)


@allowed(Action.SEGMENT_VIEW)
@require_GET
def progress(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Answer how far the acts are, as a part of a page."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    return render(request, "contacts/segments/acts.html", {"segment": segment, **told(segment)})


@allowed(Action.CONTACT_EDIT)
@require_POST
def stop(request: HttpRequest, segment_id: int, act_id: int) -> HttpResponse:
    """Stop an act; what was done stays."""
    found = get_object_or_404(SegmentAct, pk=act_id, segment=segment_id)
    if acts.cancel(found, now=clock.now()):
        messages.success(request, _("Stopped. What was done until then stays."))
    return redirect("contacts:segment", segment_id)
