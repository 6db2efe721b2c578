"""Erasing a person: what will be gone and what stays, the job, and its certificate."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.errors import Invalid
from contacts.people.models import Contact
from contacts.people.views.door import Elsewhere, person, to_change
from contacts.privacy import erasure, giving
from contacts.privacy.handlers import PERSONAL_DATA, in_order
from contacts.privacy.models import Erasure, Reason
from contacts.privacy.people import People
from crm.kit import clock, figures
from crm.kit.paging import keyset_page
from crm.team.company import company
from crm.team.permissions import Action, allowed, reader


@allowed(Action.CONTACT_DELETE)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Say what will be gone and what stays; a POST that is sure has the person erased."""
    if request.method == "POST":
        return _erase(request, to_change(request, contact_id))
    try:
        contact = person(request, contact_id, "contacts:person-erase")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    return _page(request, contact, {})


def _erase(request: HttpRequest, contact: Contact) -> HttpResponse:
    said, by, now = request.POST, reader(request), clock.now()
    if not said.get("sure"):
        return _page(request, contact, {"sure": _("Tick that you are sure.")})
    try:
        job = erasure.request([contact.pk], by=by, reason=said.get("reason", ""), proof=said.get("proof", ""), now=now)
    except Invalid as problem:
        return _page(request, contact, problem.errors)
    return redirect("contacts:erasure", job.pk)


def _page(request: HttpRequest, contact: Contact, errors: dict[str, str]) -> HttpResponse:
    people = People.of([contact.pk])
    found = giving.counts(people)
    going = [(entry.label, found[entry.key]) for entry in PERSONAL_DATA if found.get(entry.key)]
    context = {
        "contact": contact,
        "going": going,
        "most": giving.COUNTED_TO,
        "stays": _stays(found.keys()),
        "others": len(people.ids) - 1,
        "reasons": Reason.choices,
        "errors": errors,
        "said": request.POST,
    }
    return render(request, "contacts/person_erase.html", context, status=400 if errors else 200)


def _stays(keys: Collection[str]) -> list[Any]:
    """Return the sentences on what is kept, of the kinds of data that are concerned and of the address."""
    return [entry.stays for entry in PERSONAL_DATA if entry.stays and (entry.key in keys or entry.key == "profile")]


@allowed(Action.CONTACT_DELETE)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show all erasures, the newest first."""
    found = Erasure.objects.select_related("by")
    page = keyset_page(found, ("-id",), cursor=request.GET.get("cursor", ""))
    return render(request, "contacts/erasures.html", {"page": page})


@allowed(Action.CONTACT_DELETE)
@require_GET
def certificate(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """Show how far an erasure is, and its certificate once it is done."""
    job = get_object_or_404(Erasure.objects.select_related("by"), pk=erasure_id)
    gone = [(entry.label, job.counts[entry.key]) for entry in in_order() if job.counts.get(entry.key)]
    context = {
        "job": job,
        "requested": figures.day_and_time(job.requested_at),
        "finished": figures.day_and_time(job.finished_at) if job.finished_at else "",
        "gone": gone,
        "stays": _stays(job.counts.keys()),
        "company": company(),
    }
    return render(request, "contacts/erasure.html", context)
