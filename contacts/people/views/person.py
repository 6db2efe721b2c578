"""The page of one person, and the small forms on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.account_roles import roles
from contacts.account_roles.models import AccountRole
from contacts.attributes import values
from contacts.attributes.models import Attribute, Target
from contacts.consent import exclusion
from contacts.consent.minors import is_under_14
from contacts.consent.record import Proof, record
from contacts.duplicates import queries as duplicates
from contacts.errors import Invalid
from contacts.identity.models import Merge
from contacts.ledger.kinds import KINDS, PastEvent, kind_of
from contacts.ledger.queries import timeline
from contacts.lists import membership
from contacts.lists.models import Tag
from contacts.people import notes, ownership, phone, queries
from contacts.people.forms import ConsentForm, NoteForm
from contacts.people.labels import labels_of
from contacts.people.models import Contact
from contacts.people.opening import opens
from contacts.people.sections import sections_for
from contacts.people.views.door import Elsewhere, person, to_change, token_of
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import move
from crm.kit import clock, figures
from crm.team.models import User
from crm.team.permissions import allowed, may, reader

TIMELINE_SIZE = 40


@allowed("contact.view")
@require_GET
def show(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show everything about one person. A merged contact leads to the one that lives on."""
    try:
        contact = person(request, contact_id)
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    return render(request, "contacts/person.html", _page(request, contact))


def _page(request: HttpRequest, contact: Contact, **forms: Any) -> dict[str, Any]:
    user, now, excluded = reader(request), clock.now(), queries.suppression_of(contact)
    under_14, said = is_under_14(contact.birthday, contact.under_14, now), queries.consent_lines(contact)
    labels = labels_of(contact.pk)
    attributes = list(Attribute.objects.filter(target=Target.CONTACT))
    return {
        "contact": contact,
        "tags": labels.tags,
        "other_tags": labels.other_tags,
        "lists": labels.lists,
        "stages": stages_in_use(),
        "owners": User.objects.filter(is_active=True).order_by("name"),
        "consent_lines": said,
        "unguarded": under_14 and not queries.guardian_agreed(said),
        "excluded": excluded,
        "may_be_lifted": excluded is not None and excluded.reason in exclusion.MAY_BE_LIFTED,
        "segments": labels.segments,
        "orders": contact.orders.order_by("-placed_at")[:5],
        "merges": _merges(user, contact),
        "twins": duplicates.pairs_with(user, contact.pk) if may(user, "contact.merge") else [],
        "facts": _facts(contact, attributes, under_14),
        "consent_form": ConsentForm(initial={"at": now}),
        "note_form": NoteForm(),
        "sections": sections_for(user),
        **forms,
        **timeline_context(request, [contact.pk]),
    }


def _merges(user: User, contact: Contact) -> list[Merge]:
    """Return the merges that hold; who was never merged costs no question (see door.person)."""
    if not getattr(contact, "has_merges", True):
        return []
    return list(duplicates.merges(user).filter(winner=contact).order_by("-at"))


def _facts(contact: Contact, attributes: list[Attribute], under_14: bool) -> list[tuple[Any, Any]]:
    """Return what is known of the person as (label, value), custom attributes last."""
    place = " ".join(part for part in (contact.postcode, contact.region, contact.city, contact.street) if part)
    language = dict(settings.LANGUAGES).get(contact.language, contact.language)
    own = [
        (_("E-mail"), contact.email),
        (_("Phone"), phone.shown(contact.phone) if contact.phone else ""),
        (_("Company"), contact.company),
        (_("Roles in the account"), ", ".join(roles.labels(contact.account_roles, AccountRole.objects.all()))),
        (_("Place"), place),
        (_("Language"), language),
        (_("Birthday"), figures.calendar_day(contact.birthday) if contact.birthday else ""),
        (_("Under 14"), _("Yes") if under_14 else ""),
        (_("Source"), contact.source),
        (_("Added"), figures.day(contact.created_at)),
    ]
    custom = [
        (row.label, values.shown(row, contact.attributes[row.key]))
        for row in attributes
        if row.key in contact.attributes
    ]
    return [(label, value) for label, value in own if value] + custom


def timeline_context(
    request: HttpRequest, contact_ids: list[int], names: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """Return a page of events for templates/contacts/timeline.html, from ?kind= and ?before=.

    `names` (by contact id) are told with each event where a timeline is of several people.
    """
    kind = request.GET.get("kind", "")
    if kind and kind not in KINDS:
        raise Http404
    events = timeline(
        contact_ids,
        before=_position(request.GET.get("before", "")),
        limit=TIMELINE_SIZE + 1,
        kinds=[kind] if kind else None,
    )
    more, events = len(events) > TIMELINE_SIZE, events[:TIMELINE_SIZE]
    last = events[-1] if more else None
    return {
        "events": [Told(event, (names or {}).get(event.contact_id, "")) for event in events],
        "before": f"{last.occurred_at.isoformat()}_{last.id}" if last else "",
        "kind": kind,
        "kinds": [(row.key, row.label) for row in KINDS if row.timeline],
    }


class Told:
    """An event as a line of the timeline."""

    def __init__(self, event: PastEvent, who: str = "") -> None:
        self.who = who
        kind = kind_of(event.kind)
        self.at, self.icon, self.text = event.occurred_at, kind.icon, kind.sentence(event)
        self.contact_id, self.kind = event.contact_id, event.kind
        self.claimed_at = parse_datetime(str(event.properties.get("claimed_at", "")))
        self.url = opens(event)


def _position(raw: str) -> tuple[datetime, int] | None:
    """Read a place in the timeline. Raises Http404 for one that was altered."""
    if not raw:
        return None
    at, _underscore, number = raw.rpartition("_")
    try:
        moment = parse_datetime(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not number.isdecimal():
        raise Http404
    return moment, int(number)


@allowed("contact.view")
@require_GET
def older(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show the timeline alone: filtered by kind, or further back. Asked by htmx and as a page without it."""
    try:
        contact = person(request, contact_id, "contacts:person-timeline")
    except Elsewhere as elsewhere:
        return HttpResponseRedirect(elsewhere.url)
    return render(
        request, "contacts/person_timeline.html", {"contact": contact, **timeline_context(request, [contact.pk])}
    )


@allowed("contact.edit")
@require_POST
def add_note(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add a note; a second post of the same form adds nothing. A refused one stays in its field."""
    contact = to_change(request, contact_id)
    token = token_of(request.POST.get("token"))
    try:
        notes.add(contact.pk, request.POST.get("text", ""), by=reader(request), now=clock.now(), token=token)
    except Invalid as error:
        form = NoteForm(request.POST)
        if not form.has_error("text"):
            form.add_error("text", str(error))
        page = _page(request, person(request, contact.pk), note_form=form)
        return render(request, "contacts/person.html", page, status=400)
    return redirect("contacts:person", contact.pk)


@allowed("contact.assign")
@require_POST
def set_owner(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Hand the person to another owner, or to nobody."""
    contact = to_change(request, contact_id)
    raw = request.POST.get("owner", "")
    owner = User.objects.filter(pk=raw, is_active=True).first() if raw.isdecimal() else None
    if raw and owner is None:
        messages.error(request, _("There is no such colleague."))
    else:
        ownership.assign([contact.pk], owner, by=reader(request), now=clock.now())
    return redirect("contacts:person", contact.pk)


@allowed("contact.edit")
@require_POST
def set_stage(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Move the person to another stage by hand."""
    contact = to_change(request, contact_id)
    raw = request.POST.get("stage", "")
    stage = Stage.objects.filter(pk=raw, model__in_use=True).first() if raw.isdecimal() else None
    if stage is None:
        messages.error(request, _("This stage is not in use any more."))
    else:
        move([contact.pk], stage, cause="person", by=reader(request), now=clock.now())
    return redirect("contacts:person", contact.pk)


@allowed("contact.edit")
@require_POST
def add_tag(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Tag the person; a new name makes a new tag."""
    contact = to_change(request, contact_id)
    try:
        label = membership.tag_named(request.POST.get("name", ""))
    except Invalid as error:
        messages.error(request, str(error))
    else:
        membership.tag(label, [contact.pk], by=reader(request), now=clock.now())
    return redirect("contacts:person", contact.pk)


@allowed("contact.edit")
@require_POST
def remove_tag(request: HttpRequest, contact_id: int, tag_id: int) -> HttpResponse:
    """Take a tag from the person."""
    contact = to_change(request, contact_id)
    label = Tag.objects.filter(pk=tag_id).first()
    if label:
        membership.untag(label, [contact.pk], by=reader(request), now=clock.now())
    return redirect("contacts:person", contact.pk)


@allowed("consent.record")
@require_POST
def exclude(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Leave the person's address out of all sending, or (`back`) let it in again."""
    contact, who, now = to_change(request, contact_id), reader(request), clock.now()
    try:
        if request.POST.get("back"):
            exclusion.readmit(contact, request.POST.get("why", ""), by=who, now=now)
        else:
            exclusion.exclude(contact, request.POST.get("why", ""), by=who, now=now)
    except Invalid as error:
        messages.error(request, str(error))
    return redirect(reverse("contacts:person", args=[contact.pk]) + "#consent")


@allowed("consent.record")
@require_POST
def record_consent(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Record what the person said, with its proof."""
    contact = to_change(request, contact_id)
    form, now = ConsentForm(request.POST), clock.now()
    if form.is_valid() and form.cleaned_data["at"] > now:
        form.add_error("at", _("This is in the future."))
    if not form.is_valid():
        found = person(request, contact.pk)
        context = _page(request, found, consent_form=form, consent_open=True)
        return render(request, "contacts/person.html", context, status=400)
    said = form.cleaned_data
    proof = Proof(source=said["source"], wording=said["wording"], recorded_by_id=reader(request).pk)
    kept = record(contact.pk, said["purpose"], said["channel"], said["decision"], at=said["at"], proof=proof, now=now)
    if kept.states:
        messages.success(request, _("Recorded."))
    else:
        messages.info(request, _("Kept as proof. A later statement of this person holds."))
    return redirect(reverse("contacts:person", args=[contact.pk]) + "#consent")
