"""The page of one person, and the small forms on it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.commerce.models import OrderStatus
from contacts.consent import exclusion
from contacts.consent.minors import is_under_14
from contacts.consent.record import Proof, record
from contacts.duplicates import queries as duplicates
from contacts.errors import Invalid
from contacts.identity.models import Merge
from contacts.lists import membership
from contacts.lists.models import Tag
from contacts.notes import writing
from contacts.people import depth, facts, ownership, queries
from contacts.people.forms import ConsentForm, NoteForm
from contacts.people.labels import labels_of
from contacts.people.models import Contact
from contacts.people.next_step import next_step
from contacts.people.sections import sections_for
from contacts.people.views.door import Elsewhere, person, to_change, token_of
from contacts.people.views.past import timeline_context
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import move
from contacts.topics import said as topics
from contacts.topics.forms import TopicsForm
from contacts.topics.queries import open_to_choice, topic_lines
from contacts.topics.ticks import Ticks
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import allowed, may, reader


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
    return {
        "contact": contact,
        "tags": labels.tags,
        "other_tags": labels.other_tags,
        "lists": labels.lists,
        "next_step": next_step(contact, user, now),
        "consent_lines": said,
        "topic_lines": topic_lines(contact),
        "unguarded": under_14 and not queries.guardian_agreed(said),
        "excluded": excluded,
        "may_be_lifted": excluded is not None and excluded.reason in exclusion.MAY_BE_LIFTED,
        "segments": labels.segments,
        "merges": _merges(user, contact),
        "twins": _twins(user, contact),
        "facts": facts.of(contact),
        "consent_form": ConsentForm(initial={"at": now}),
        "topics_form": TopicsForm(),
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


def _twins(user: User, contact: Contact) -> list[duplicates.Card]:
    """Return the records that may be the same person; who has none costs no question."""
    if not getattr(contact, "has_twins", True) or not may(user, "contact.merge"):
        return []
    return duplicates.pairs_with(user, contact.pk)


# --- sections that load after the page; each is a page of its own without htmx ---
def _section(request: HttpRequest, name: str, contact: Contact, **more: Any) -> HttpResponse:
    part = bool(request.headers.get("HX-Request"))
    context = {"contact": contact, "part": f"contacts/person_{name}.html", **more}
    return render(request, context["part"] if part else "contacts/person_section.html", context)


@allowed("contact.view")
@require_GET
def orders(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show what a person bought lately, and in all."""
    contact = to_change(request, contact_id)
    bought = contact.orders.exclude(status=OrderStatus.CANCELLED).filter(currency=settings.COMPANY_CURRENCY)
    spent = bought.aggregate(bought=Count("pk"), spent=Sum(F("total") - F("refunded")))
    latest = contact.orders.order_by("-placed_at", "-pk")[:5]
    return _section(request, "orders", contact, orders=latest, **spent)


@allowed("contact.view")
@require_GET
def care(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show the forms that move a person to another stage and hand her to another owner."""
    contact = to_change(request, contact_id)
    owners = User.objects.filter(is_active=True).order_by("name")
    return _section(request, "care", contact, stages=stages_in_use(), owners=owners)


@allowed("contact.view")
@require_GET
def more(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show what one needs less often: grade and ranks as a buyer, activity, where she came from, dates."""
    contact = to_change(request, contact_id)
    return _section(request, "more", contact, facts=depth.of(contact, clock.now()))


@allowed("contact.edit")
@require_POST
def add_note(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add a note; a second post of the same form adds nothing. A refused one stays in its field."""
    contact = to_change(request, contact_id)
    token = token_of(request.POST.get("token"))
    try:
        writing.add(contact.pk, request.POST.get("text", ""), by=reader(request), now=clock.now(), token=token)
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


@allowed("consent.record")
@require_POST
def choose_topics(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Keep which topics the person wants, with where she said so; only what was changed on the page is recorded."""
    contact = to_change(request, contact_id)
    form, now = TopicsForm(request.POST), clock.now()
    if not form.is_valid():
        context = _page(request, person(request, contact.pk), topics_form=form)
        return render(request, "contacts/person.html", context, status=400)
    proof = Proof(source=form.cleaned_data["source"], recorded_by_id=reader(request).pk)
    changed = Ticks.of(request.POST).changes(open_to_choice(contact.pk))
    kept = topics.choose(contact.pk, changed, at=now, proof=proof, now=now)
    if kept.entries:
        messages.success(request, _("Recorded."))
    return redirect(reverse("contacts:person", args=[contact.pk]) + "#consent")
