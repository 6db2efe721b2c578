"""Acts on one segment: deleting, counting anew, stopping a count, putting people in or keeping them out by hand."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.errors import StaleEdit
from contacts.people.address import BadAddress, normalise
from contacts.people.models import Contact
from contacts.segments import hand, saving
from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.uses import InUse
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader


@allowed(Action.SEGMENT_EDIT)
@require_POST
def delete(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Delete a segment that nothing uses; else say where it is used."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    try:
        saving.delete(segment)
    except InUse as error:
        messages.error(request, str(error))
        return redirect("contacts:segment", segment_id)
    messages.success(request, _("The segment “%(name)s” is deleted.") % {"name": segment.label})
    return redirect("contacts:segments")


@allowed(Action.SEGMENT_EDIT)
@require_POST
def rebuild(_request: HttpRequest, segment_id: int) -> HttpResponse:
    """Count the members from scratch."""
    saving.rebuild(get_object_or_404(Segment.objects.audiences(), pk=segment_id), now=clock.now())
    return redirect("contacts:segment", segment_id)


@allowed(Action.SEGMENT_EDIT)
@require_POST
def stop(_request: HttpRequest, segment_id: int) -> HttpResponse:
    """Stop the count that is running."""
    saving.stop_build(get_object_or_404(Segment.objects.audiences(), pk=segment_id), now=clock.now())
    return redirect("contacts:segment", segment_id)


@allowed(Action.SEGMENT_EDIT)
@require_POST
def restore(request: HttpRequest, segment_id: int, number: int) -> HttpResponse:
    """Put the rule of an earlier version in place of today's; that is a new version too."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    earlier = get_object_or_404(segment.versions.all(), number=number)
    draft = saving.Draft(segment.name, segment.description, earlier.definition)
    raw = request.POST.get("version", "")
    seen = int(raw) if raw.isdecimal() and raw.isascii() else 0
    try:
        saving.save(segment.pk, seen, draft, by=reader(request), now=clock.now())
    except (StaleEdit, BadRule) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The rule of version %(number)d is in use again.") % {"number": number})
    return redirect("contacts:segment-versions", segment.pk)


@allowed(Action.SEGMENT_EDIT)
@require_POST
def by_hand(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Put a person in (yes), keep her out (no), or leave her to the rule (rule); `person` is a number or address."""
    segment = get_object_or_404(Segment.objects.audiences(), pk=segment_id)
    contact = _person(reader(request), request.POST.get("person", ""))
    if contact is None:
        messages.error(request, _("There is nobody with this address. Write it in full."))
    else:
        _decide(segment, contact, request.POST.get("included", ""), reader(request))
    return redirect("contacts:segment-people", segment.pk)


def _decide(segment: Segment, contact: Contact, included: str, by: User) -> None:
    now = clock.now()
    match included:
        case "yes":
            hand.include(segment, [contact.pk], by=by, now=now)
        case "no":
            hand.exclude(segment, [contact.pk], by=by, now=now)
        case "rule":
            hand.leave_to_rule(segment, [contact.pk], now=now)
        case _:
            raise BadRequest(_("Choose whether to put the person in or to keep them out."))


def _person(user: User, typed: str) -> Contact | None:
    words = typed.strip()
    people = Contact.objects.visible_to(user)
    if words.isdecimal() and words.isascii() and len(words) < 19:
        return people.filter(pk=int(words)).first()
    try:
        return people.filter(email=normalise(words)).first()
    except BadAddress:
        return None
