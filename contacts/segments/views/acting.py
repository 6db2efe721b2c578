"""Doing something with everybody in a segment: choosing it, and how far it is. The acts themselves: contacts/acts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.acts import jobs, tasks
from contacts.acts.verb import VERBS
from contacts.acts.verbs.labels import LIST
from contacts.errors import Invalid
from contacts.lists import fixed
from contacts.people.posted import once
from contacts.people.selection import Selection
from contacts.people.views.door import token_of
from contacts.segments import queries
from contacts.segments.models import Segment
from crm.kit import clock
from crm.team.permissions import Action, allowed, may, reader, require

SHOWN = 5


def told(segment: Segment) -> dict[str, Any]:
    """Return the latest `acts` on a segment with their words, newest first, and whether one is `working`."""
    latest = list(segment.acts.select_related("by").order_by("-created_at", "-pk")[:SHOWN])
    rows = [{"act": act, "title": VERBS[act.verb].title, "choice": act.choice} for act in latest]
    return {"acts": rows, "working": any(act.is_working for act in latest)}


@allowed(Action.CONTACT_EDIT)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Choose what to do with everybody in the segment; a POST makes a list of them as they are now."""
    segment, user = get_object_or_404(Segment.objects.audiences(), pk=segment_id), reader(request)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _snapshot(request, segment)
        except Invalid as error:
            errors = error.errors
        else:
            messages.success(request, _("It is being done; the segment's page shows how far it is."))
            return redirect("contacts:segment", segment.pk)
    context = {
        "segment": segment,
        "verbs": [verb for verb in VERBS if may(user, verb.action)],
        "errors": errors,
        "may_list": may(user, Action.LIST_EDIT),
        "people": queries.members_of(segment, user).count(),
    }
    return render(request, "contacts/segments/act.html", context, status=400 if errors else 200)


def _snapshot(request: HttpRequest, segment: Segment) -> None:
    """Queue putting everybody on a new list. Raises Invalid, PermissionDenied."""
    user, now = reader(request), clock.now()
    require(user, Action.LIST_EDIT)

    def make() -> int:
        about = _("Taken from the segment “%(name)s”.") % {"name": segment.label}
        made = fixed.create(request.POST.get("name", ""), about, by=user, now=now)
        everybody = Selection(query=f"segment={segment.pk}")
        return jobs.start(LIST.key, everybody, {"list": made.pk}, by=user, now=now).pk

    once(token_of(request.POST.get("token")), make)
    tasks.wake()


@allowed(Action.SEGMENT_VIEW)
@require_GET
def progress(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Answer how far the acts are, as a part of a page."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    return render(request, "contacts/segments/acts.html", {"segment": segment, **told(segment)})
