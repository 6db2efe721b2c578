"""Leads of a rep: her own people by heat, those nobody has; taking one, noting what came of a call."""

from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.leads import outcome, queries, taking
from contacts.leads.models import FollowUp, Outcome
from contacts.leads.queries import Lead
from contacts.scoring.heat import Heat, default_model
from crm.api.contact_parts import WHERE
from crm.api.contacts import ContactShown, found, one
from crm.api.fields import Body, Choice, Day
from crm.api.problems import Refusal
from crm.api.route import Asked, Door, Listing, Param
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Leads", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
_LISTS = {"mine": queries.mine, "unowned": queries.unowned_hot, "later": queries.put_off}


class LeadShown(Body):
    """A person whom it is time to reach, and why."""

    contact_id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    company = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    heat = serializers.ChoiceField([heat.value for heat in Heat])
    points = serializers.FloatField()
    reasons = serializers.ListField(child=serializers.CharField(), help_text=_("In words."))
    waiting_since = serializers.DateTimeField(allow_null=True, help_text=_("Hot since, without a call."))
    outcome = serializers.ChoiceField([*Outcome.values, ""], help_text=_("Of the last call; empty: none."))
    due_on = serializers.DateField(allow_null=True)


def _shown(lead: Lead) -> dict[str, Any]:
    contact, follow_up = lead.contact, lead.follow_up
    return {
        "contact_id": contact.pk, "name": contact.name, "company": contact.company, "phone": contact.phone,
        "heat": lead.warmth.heat.value, "points": round(lead.warmth.points, 3), "reasons": [str(s) for s in lead.said],
        "waiting_since": lead.waiting_since, "outcome": follow_up.outcome if follow_up else "",
        "due_on": follow_up.due_on if follow_up else None,
    }  # fmt: skip


@DOOR.get(
    "leads", Action.LEAD_WORK, _("List leads"), gives=LeadShown, pages=True,
    query=(Param("list", _("Your own, unless given; those nobody has; those put off."), choices=tuple(_LISTS)),),
    text=_("Pages have 25 rows."),
)  # fmt: skip
def list_leads(asked: Asked) -> Listing:
    """Return leads, the hottest first."""
    model = default_model()
    people = _LISTS[asked.text("list") or "mine"](asked.user, model, asked.now)
    return Listing.of(queries.lead_page(people, model, asked.now, cursor=asked.cursor), _shown)


@DOOR.post(f"{WHERE}/take", Action.LEAD_TAKE, _("Take a person whom nobody has"), gives=ContactShown)
def take_lead(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Become her owner; 409 when somebody was quicker."""
    contact = found(asked.user, contact_id)
    if not taking.take(contact.pk, by=asked.user, now=asked.now):
        raise Refusal("conflict", str(_("Somebody has this person already.")))
    return one(asked.user, contact.pk)


class CallIn(Body):
    outcome = Choice(Outcome.values)
    due_on = Day(required=False, help_text=_("The day to come back, with “later” alone."))


class CallShown(Body):
    outcome = serializers.ChoiceField(Outcome.values)
    at = serializers.DateTimeField()
    due_on = serializers.DateField(allow_null=True)


@DOOR.post(
    f"{WHERE}/outcome", Action.LEAD_WORK, _("Note what came of a call"), takes=CallIn, gives=CallShown,
    status=201, example={"outcome": "answered"},
)  # fmt: skip
def note_outcome(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Keep what came of reaching out to the person."""
    contact, body = found(asked.user, contact_id), asked.body
    outcome.note_outcome(
        contact.pk, body["outcome"], due_on=body.get("due_on"), by=asked.user, now=asked.now, token=uuid4()
    )
    row = FollowUp.objects.get(contact_id=contact.pk)
    return {"outcome": row.outcome, "at": row.at, "due_on": row.due_on}
