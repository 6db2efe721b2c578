"""What is held of one person, to be read, printed and taken away."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from contacts.errors import Invalid
from contacts.people.models import Contact
from contacts.people.views.door import Elsewhere, person, to_change
from contacts.privacy import giving
from contacts.privacy.people import People
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader


@allowed(Action.CONTACT_EXPORT)
@require_GET
def show(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show what is held of the person, kind by kind."""
    try:
        contact = person(request, contact_id, "contacts:person-data")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    return _page(request, contact)


@allowed(Action.CONTACT_EXPORT)
@require_POST
def download(request: HttpRequest, contact_id: int) -> HttpResponseBase:
    """Send all of it as a JSON file, and keep who took it and why."""
    contact, now = to_change(request, contact_id), clock.now()
    try:
        giving.noted(request.POST.get("reason", ""), by=reader(request), now=now)
    except Invalid as problem:
        return _page(request, contact, problem.errors["reason"])
    return StreamingHttpResponse(
        giving.pieces(People.of([contact.pk]), now),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="person-{contact.pk}.json"'},
    )


def _page(request: HttpRequest, contact: Contact, error: str = "") -> HttpResponse:
    people = People.of([contact.pk])
    context = {
        "contact": contact,
        "sections": giving.sections(people),
        "made_at": clock.now(),
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "contacts/person_data.html", context, status=400 if error else 200)
