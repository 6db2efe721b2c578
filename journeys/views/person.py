"""One person in all her journeys, and what a colleague may do: start one, let her go on, take her out."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.people.models import Contact
from contacts.people.views.door import Elsewhere, person, to_change
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader
from journeys.engine import guiding
from journeys.engine.models import Enrolment
from journeys.errors import JourneyError
from journeys.results.starting import start as begin
from journeys.results.starting import startable
from journeys.results.tracing import ways


@require_safe
@allowed(Action.JOURNEY_VIEW)
def trace(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show her ways, the newest first; to htmx the section alone."""
    try:
        contact = person(request, contact_id, "journeys:person")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    context = {"contact": contact, "ways": ways([contact.pk]), "startable": list(startable())}
    part = bool(request.headers.get("HX-Request"))
    return render(request, "journeys/results/person_part.html" if part else "journeys/results/person.html", context)


@require_POST
@allowed(Action.JOURNEY_EDIT)
def start(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Have her come into a journey that is started by hand."""
    contact = to_change(request, contact_id)
    raw = request.POST.get("journey", "")
    journey = next((one for one in startable() if str(one.pk) == raw), None)
    if journey is None:
        messages.error(request, _("This journey cannot be started by hand now."))
    elif Enrolment.objects.filter(contact_id=contact.pk, journey=journey, key="", ended_at=None).exists():
        messages.info(request, _("Already inside “%(name)s”.") % {"name": journey.name})
    else:
        begin(journey, [contact.pk], now=clock.now())
        messages.success(request, _("“%(name)s” begins in a moment, if its rules allow it.") % {"name": journey.name})
    return _back(contact)


@require_POST
@allowed(Action.JOURNEY_EDIT)
def guide(request: HttpRequest, contact_id: int, enrolment_id: int, verb: str) -> HttpResponse:
    """Take her out ("out"), or let her go on by an outlet ("on")."""
    contact = to_change(request, contact_id)
    get_object_or_404(Enrolment, pk=enrolment_id, contact_id=contact.pk)
    try:
        done = _done(request, enrolment_id, verb)
    except JourneyError as error:
        messages.error(request, str(error))
        return _back(contact)
    if not done:
        messages.info(request, _("Nothing was changed: this person had already moved on."))
    elif verb == "out":
        messages.success(request, _("This person is out of the journey."))
    else:
        messages.success(request, _("This person goes on."))
    return _back(contact)


def _done(request: HttpRequest, enrolment_id: int, verb: str) -> bool:
    if verb == "out":
        return guiding.take_out(enrolment_id, now=clock.now())
    visit, outlet = request.POST.get("visit", ""), request.POST.get("outlet", "")
    if verb != "on" or not (visit.isascii() and visit.isdecimal() and len(visit) < 9):
        raise Http404
    return guiding.move_on(enrolment_id, outlet, visit=int(visit), by=reader(request), now=clock.now())


def _back(contact: Contact) -> HttpResponse:
    return redirect(reverse("journeys:person", args=[contact.pk]))
