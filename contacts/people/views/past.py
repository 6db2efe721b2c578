"""The timeline part of pages of people and accounts, read from the address (templates/contacts/timeline.html)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from contacts.people import account_queries
from contacts.people.models import Account
from contacts.people.timeline import UnknownFilter, Whose, choices, past_of
from contacts.people.views.door import Elsewhere, person
from crm.team.permissions import allowed, reader


def timeline_context(
    request: HttpRequest, contact_ids: Sequence[int], names: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """Return a page of events, from ?kind=, ?q= and ?before=. Raises Http404 for what does not exist.

    `names` (by contact id) are told with each event where a timeline is of several people.
    """
    query = request.GET
    kind, words = query.get("kind", ""), query.get("q", "")[:100]
    try:
        whose = Whose(contact_ids, names or {}, reader(request))
        past = past_of(whose, kind=kind, words=words, before=query.get("before", ""))
    except UnknownFilter as error:
        raise Http404 from error
    return {
        "events": past.events,
        "before": past.before,
        "read_all": past.read_all,
        "kind": kind,
        "words": words,
        "kinds": choices(),
    }


def account_past(request: HttpRequest, row: Account) -> dict[str, Any]:
    """Return what the people of an account did, as far as the reader may see them; `names`: who they are, by id."""
    names = account_queries.names_of(account_queries.people_of(row, reader(request)))
    return timeline_context(request, list(names), names) | {"names": names}


@allowed("contact.view")
@require_GET
def of_person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show the timeline alone: filtered, searched, or further back. Asked by htmx and as a page without it."""
    try:
        contact = person(request, contact_id, "contacts:person-timeline")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    context = {"contact": contact, **timeline_context(request, [contact.pk])}
    return render(request, "contacts/person_timeline.html", context)


@allowed("contact.view")
@require_GET
def of_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the activity of an account's people alone: filtered, searched, or further back."""
    row = get_object_or_404(Account, pk=account_id)
    return render(request, "contacts/account_timeline.html", {"account": row, **account_past(request, row)})
