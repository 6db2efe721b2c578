"""The page of all mails of which nobody knows whether they arrived, and what is decided on the ticked ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.sending.in_doubt import decide, in_doubt, ticked
from campaigns.sending.models import Message
from contacts.people.models import Contact
from crm.kit import clock
from crm.kit.paging import Page, keyset_page
from crm.team.permissions import Action, allowed, reader


class Waiting(NamedTuple):
    """One row: a mail in doubt, its person, what it is called, since when, and the server's words if any."""

    message: Message
    contact: Contact
    mail: str
    at: datetime
    reason: str


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def show(request: HttpRequest) -> HttpResponse:
    """List the mails in doubt, the newest first."""
    waiting = in_doubt(reader(request)).select_related("dispatch__campaign", "dispatch__template_version__template")
    found = keyset_page(waiting, ["-pk"], cursor=request.GET.get("cursor", ""))
    page = Page(_told(found.rows), found.next_cursor, found.previous_cursor)
    return render(request, "campaigns/in_doubt.html", {"page": page, "total": waiting.count()})


def _told(rows: Sequence[Any]) -> list[Waiting]:
    people = Contact.objects.in_bulk({row.person_id for row in rows})
    return [Waiting(row, people[row.person_id], _mail(row), row.doubted_at, row.reason or "") for row in rows]


def _mail(message: Message) -> str:
    """Return what the mail is called: its campaign, else its template."""
    dispatch = message.dispatch
    return dispatch.campaign.name if dispatch.campaign else dispatch.template_version.template.name


@require_POST
@allowed(Action.CAMPAIGN_LAUNCH)
def settle(request: HttpRequest) -> HttpResponse:
    """Decide on the ticked mails, or on all: "again" or "sent"."""
    choice, user = request.POST.get("choice"), reader(request)
    if choice not in ("again", "sent"):
        raise Http404
    numbers = [int(raw) for raw in request.POST.getlist("message") if raw.isdecimal() and len(raw) < 19]
    chosen = in_doubt(user) if request.POST.get("everyone") else ticked(user, numbers)
    n = decide(chosen, choice, by=user, now=clock.now())
    if not n:
        messages.warning(request, _("None of the ticked mails waits for a decision any more."))
    elif choice == "again":
        text = ngettext("%(n)d mail is sent once more.", "%(n)d mails are sent once more.", n)
        messages.success(request, text % {"n": n})
    else:
        text = ngettext("%(n)d mail counts as sent now.", "%(n)d mails count as sent now.", n)
        messages.success(request, text % {"n": n})
    return redirect("campaigns:in-doubt")
