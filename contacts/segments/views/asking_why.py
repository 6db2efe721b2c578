"""Why is somebody in a segment or not? The rule as a tree, each condition true or false, and the value that decided."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from contacts.people.models import Contact
from contacts.people.queries import survivor_of
from contacts.people.search import matching
from contacts.segments.errors import BadRule
from contacts.segments.models import Membership, Segment
from contacts.segments.moments import moment_at
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.why import Trace, why
from contacts.segments.views.showing import found
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader

OFFERED = 8


@allowed(Action.SEGMENT_VIEW)
@require_GET
def page(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Find a person (?q=) and show the rule for her (?person=)."""
    segment, user, typed = found(segment_id), reader(request), request.GET.get("q", "")
    context: dict[str, Any] = {"segment": segment, "typed": typed}
    if typed.strip():
        context["found"] = matching(Contact.objects.visible_to(user), typed).order_by("sort_key")[:OFFERED]
    elif person := request.GET.get("person", ""):
        context |= _judged(segment, _contact(user, person))
    return render(request, "contacts/segments/why.html", context)


def _contact(user: User, raw: str) -> Contact:
    """Return whom the number means, for a merged one who lives on. Raises Http404."""
    number = int(raw) if raw.isdecimal() and raw.isascii() and len(raw) < 19 else 0
    contact = Contact.objects.visible_to(user).filter(pk=survivor_of(number) or 0).first()
    if contact is None:
        raise Http404
    return contact


def _judged(segment: Segment, contact: Contact) -> dict[str, Any]:
    stay = Membership.objects.filter(segment=segment, contact=contact, left_at=None).first()
    hand = segment.by_hand.filter(contact=contact).first()
    trace = _trace(segment, contact)
    wanted = hand.included if hand else trace.met if trace else None
    return {
        "contact": contact,
        "is_member": stay is not None,
        "since": stay.entered_at if stay else None,
        "hand": hand,
        "trace": trace,
        "differs": segment.is_ready and wanted is not None and wanted != (stay is not None),
    }


def _trace(segment: Segment, contact: Contact) -> Trace | None:
    try:
        rule = parse(segment.definition)
    except BadRule:
        return None
    return why(rule, contact.pk, moment_at(clock.now()))
