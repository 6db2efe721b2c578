"""Making and changing a campaign while it is a draft. Two people who save at once: the second is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from campaigns.campaign.errors import StaleCampaign, WrongState
from campaigns.campaign.models import PEOPLE, Campaign, CampaignState
from campaigns.sending.models import Doubt
from crm.kit.text import clean_line
from crm.team.models import User

_TEXTS = ("name", "subject", "preheader")


@dataclass(frozen=True)
class CampaignFields:
    """What a person fills in. Segments, lists and tags are ids; `link_parameters` are added to every link."""

    name: str
    sender_id: int | None = None
    template_id: int | None = None
    topic_id: int | None = None
    subject: str = ""
    preheader: str = ""
    include_segments: tuple[int, ...] = ()
    include_lists: tuple[int, ...] = ()
    include_tags: tuple[int, ...] = ()
    exclude_segments: tuple[int, ...] = ()
    exclude_lists: tuple[int, ...] = ()
    exclude_tags: tuple[int, ...] = ()
    link_parameters: Mapping[str, str] = field(default_factory=dict)
    doubt: str = Doubt.RESEND

    def columns(self) -> dict[str, Any]:
        """Return the values of the campaign's own columns, texts on one line. Raises ForbiddenCharacter."""
        texts = {name: clean_line(getattr(self, name)) for name in _TEXTS}
        parameters = {clean_line(key): clean_line(value) for key, value in self.link_parameters.items()}
        return {
            **texts,
            "sender_id": self.sender_id,
            "template_id": self.template_id,
            "topic_id": self.topic_id,
            "link_parameters": parameters,
            "doubt": self.doubt,
        }


def create(fields: CampaignFields, *, by: User | None) -> Campaign:
    """Make a draft and return it."""
    with transaction.atomic():
        campaign = Campaign.objects.create(**fields.columns(), created_by=by)
        _set_people(campaign, fields)
    return campaign


def edit(campaign_id: int, version: int, fields: CampaignFields) -> Campaign:
    """Write the fields of a draft read at `version`. Raises StaleCampaign when somebody was quicker, WrongState."""
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        if campaign.state != CampaignState.DRAFT:
            raise WrongState(campaign, "edit")
        if campaign.version != version:
            raise StaleCampaign(campaign)
        Campaign.objects.filter(pk=campaign_id).update(**fields.columns(), version=F("version") + 1)
        _set_people(campaign, fields)
    return Campaign.objects.get(pk=campaign_id)


def _set_people(campaign: Campaign, fields: CampaignFields) -> None:
    for name in PEOPLE:
        getattr(campaign, name).set(getattr(fields, name))
