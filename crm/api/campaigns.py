"""Campaigns: the list, one with whom it is for, and its draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns.campaign import edit
from campaigns.campaign.edit import CampaignFields
from campaigns.campaign.errors import StaleCampaign
from campaigns.campaign.forms import PARAMETERS
from campaigns.campaign.models import PEOPLE, Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.models import Doubt
from campaigns.templating.models import MailTemplate
from contacts.errors import Invalid
from contacts.lists.models import FixedList, Tag
from contacts.segments.models import Segment
from contacts.topics.models import Topic
from contacts.topics.queries import offered
from crm.api.fields import Body, Choice, Id, Text, Whole, several
from crm.api.problems import stale
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Campaigns", TokenScope.CAMPAIGNS_READ, TokenScope.CAMPAIGNS_WRITE)
WHERE = "campaigns/<row:campaign_id>"
MOST = 200  # segments, lists or tags of one campaign


class CampaignIn(Body):
    """A draft; people are chosen by segments, lists and tags, and taken out by others."""

    name = Text(max_length=120, allow_blank=False)
    template_id = Id(required=False, allow_null=True)
    sender_id = Id(required=False, allow_null=True)
    topic_id = Id(required=False, allow_null=True, help_text=_("Who refused this topic gets no mail."))
    subject = Text(max_length=200, required=False, help_text=_("Empty: the template's."))
    preheader = Text(max_length=200, required=False)
    include_segments = several(Id(), MOST, required=False)
    include_lists = several(Id(), MOST, required=False)
    include_tags = several(Id(), MOST, required=False)
    exclude_segments = several(Id(), MOST, required=False)
    exclude_lists = several(Id(), MOST, required=False)
    exclude_tags = several(Id(), MOST, required=False)
    link_parameters = serializers.DictField(
        child=Text(max_length=120), required=False, help_text="utm_source, utm_medium, utm_campaign, …"
    )
    doubt = Choice(Doubt.values, required=False)


class CampaignPatch(CampaignIn):
    name = Text(max_length=120, allow_blank=False, required=False)
    version = Whole()


class CampaignShown(Body):
    """A campaign."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(CampaignState.values)
    state_reason = serializers.CharField(allow_blank=True)
    template_id = serializers.IntegerField(allow_null=True)
    sender_id = serializers.IntegerField(allow_null=True)
    topic_id = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField(allow_blank=True)
    preheader = serializers.CharField(allow_blank=True)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    launched_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()


_PLAIN = (
    "name", "state", "state_reason", "template_id", "sender_id", "topic_id", "subject", "preheader", "scheduled_at",
    "launched_at", "created_at", "version",
)  # fmt: skip


class CampaignWhole(CampaignShown):
    """A campaign with whom it is for."""

    include_segments = serializers.ListField(child=serializers.IntegerField())
    include_lists = serializers.ListField(child=serializers.IntegerField())
    include_tags = serializers.ListField(child=serializers.IntegerField())
    exclude_segments = serializers.ListField(child=serializers.IntegerField())
    exclude_lists = serializers.ListField(child=serializers.IntegerField())
    exclude_tags = serializers.ListField(child=serializers.IntegerField())
    link_parameters = serializers.DictField(child=serializers.CharField())
    doubt = serializers.ChoiceField(Doubt.values)


def _shown(row: Campaign) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}}


def whole(campaign_id: int) -> dict[str, Any]:
    """Return a campaign with whom it is for as JSON values. Raises Http404."""
    row = found(campaign_id)
    chosen = {name: sorted(getattr(row, name).values_list("pk", flat=True)) for name in PEOPLE}
    return {**_shown(row), **chosen, "link_parameters": row.link_parameters, "doubt": row.doubt}


def found(campaign_id: int) -> Campaign:
    """Return a campaign with its sender and template. Raises Http404."""
    return get_object_or_404(Campaign.objects.select_related("sender", "template"), pk=campaign_id)


@DOOR.get(
    "campaigns", Action.CAMPAIGN_VIEW, _("List campaigns"), gives=CampaignShown, pages=True,
    query=(
        Param("q", _("Part of the name.")),
        Param("state", _("Only those that stand so."), choices=tuple(CampaignState.values)),
    ),
)  # fmt: skip
def list_campaigns(asked: Asked) -> Listing:
    """Return campaigns, the newest first."""
    rows = Campaign.objects.filter(name__icontains=asked.text("q"))
    rows = rows.filter(state=asked.text("state")) if asked.text("state") else rows
    return Listing.of(keyset_page(rows, ("-created_at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.get(WHERE, Action.CAMPAIGN_VIEW, _("Read a campaign"), gives=CampaignWhole)
def read_campaign(asked: Asked, campaign_id: int) -> dict[str, Any]:  # noqa: ARG001 - who may look sees all
    """Return one campaign."""
    return whole(campaign_id)


@DOOR.post(
    "campaigns", Action.CAMPAIGN_EDIT, _("Make a draft"), takes=CampaignIn, gives=CampaignWhole, status=201,
    example={"name": "Autumn news", "template_id": 3, "sender_id": 1, "include_lists": [2]},
)  # fmt: skip
def make_campaign(asked: Asked) -> dict[str, Any]:
    """Make a campaign that is not sent yet."""
    made = edit.create(_fields(CampaignFields(asked.body["name"]), asked.body), by=asked.user)
    return whole(made.pk)


@DOOR.patch(
    WHERE, Action.CAMPAIGN_EDIT, _("Change a draft"), takes=CampaignPatch, gives=CampaignWhole, refuses=(409,),
    example={"version": 1, "subject": "News of autumn"},
)  # fmt: skip
def change_campaign(asked: Asked, campaign_id: int) -> dict[str, Any]:
    """Change what is given."""
    row = found(campaign_id)
    names = ("name", "template_id", "sender_id", "topic_id", "subject", "preheader", "doubt", "link_parameters")
    stored: dict[str, Any] = {name: getattr(row, name) for name in names}
    stored |= {name: tuple(getattr(row, name).values_list("pk", flat=True)) for name in PEOPLE}
    before = CampaignFields(**stored)
    try:
        edit.edit(row.pk, asked.body["version"], _fields(before, asked.body))
    except StaleCampaign:
        raise stale(whole(row.pk)) from None
    return whole(row.pk)


_ROWS: dict[str, type[Model]] = {"segments": Segment, "lists": FixedList, "tags": Tag}


def _fields(before: CampaignFields, body: Mapping[str, Any]) -> CampaignFields:
    """Return the fields with what the body gives. Raises Invalid for rows that do not exist."""
    given = {name: value for name, value in body.items() if name != "version"}
    errors: dict[str, str] = {}
    for name in PEOPLE:
        if name in given:
            given[name] = tuple(given[name])
            rows = _ROWS[name.partition("_")[2]]._default_manager.filter(pk__in=given[name])
            rows = rows.filter(purpose="") if name.endswith("segments") else rows
            if missing := set(given[name]) - set(rows.values_list("pk", flat=True)):
                errors[name] = str(_("There is no row %(number)d.")) % {"number": min(missing)}
    owners: tuple[tuple[str, type[Model]], ...] = (
        ("template_id", MailTemplate), ("sender_id", Sender), ("topic_id", Topic),
    )  # fmt: skip
    for name, model in owners:
        if given.get(name) and not model._default_manager.filter(pk=given[name]).exists():
            errors[name] = str(_("There is no row %(number)d.")) % {"number": given[name]}
    topic = given.get("topic_id")
    kept = topic == before.topic_id or "topic_id" in errors
    if topic and not kept and not offered().filter(pk=topic).exists():
        errors["topic_id"] = str(_("This topic is not offered any more."))
    if unknown := set(given.get("link_parameters", {})) - set(PARAMETERS):
        errors["link_parameters"] = str(_("There is no such field.")) + f" {min(unknown)[:40]}"
    if errors:
        raise Invalid(errors)
    return replace(before, **given)
