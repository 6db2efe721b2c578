"""All mails of one person, each opens as it was sent: a section of her page, and a page of its own."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns.sending.models import Message
from campaigns.sending.queries import Standing, standings_of
from contacts.identity.models import Merge
from contacts.people.sections import Section
from contacts.people.views.door import Elsewhere, person
from crm.kit.paging import keyset_page
from crm.team.permissions import Action, allowed

IN_SECTION = 8


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def of_person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show her mails, the newest first, also those that went to records merged into her; to htmx the first few."""
    try:
        contact = person(request, contact_id, "campaigns:person-mails")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    merged = Merge.objects.filter(winner=contact.pk, undone_at=None).values_list("loser", flat=True)
    found = Message.objects.filter(contact_id__in=[contact.pk, *merged], left_out="")
    found = found.select_related("dispatch__campaign", "dispatch__template_version__template")
    part = bool(request.headers.get("HX-Request"))
    page = keyset_page(found, ("-id",), cursor=request.GET.get("cursor", ""), size=IN_SECTION if part else 50)
    standings = standings_of(page.rows)
    mails = [(message, standings[message.pk]) for message in _newest_first(page.rows, standings)]
    context = {"contact": contact, "mails": mails, "page": page}
    return render(request, f"campaigns/person_mails{'_part' if part else ''}.html", context)


def _newest_first(messages: Sequence[Message], standings: Mapping[int, Standing]) -> list[Message]:
    """Order a page by when the mails went out, which their numbers tell but nearly: one waits, one is held.

    A mail without a time, of now or of a month that was dropped, keeps its place after the one before it.
    """
    at, times = float("inf"), {}
    for message in messages:
        sent_at = standings[message.pk].sent_at
        at = times[message.pk] = sent_at.timestamp() if sent_at else at
    return sorted(messages, key=lambda message: (times[message.pk], message.pk), reverse=True)


MAILS_OF_PERSON = Section("mails", _("Mails"), "campaigns:person-mails", Action.CAMPAIGN_VIEW)
