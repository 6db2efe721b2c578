"""What the trail knows of campaigns and mails. Versions of templates and what was sent keep a history of their own."""

from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.models import Asset, FrequencyCap, MailTemplate, NoticeSettings, Sender
from crm.team.permissions import Action
from crm.team.trail.kinds import Kind, Table

_MADE = ("created_at", "created_by_id")

CAMPAIGN_KINDS = (
    Kind(
        "campaign",
        _("Campaign"),
        Action.CAMPAIGN_VIEW,
        (Table(Campaign, left_out=(*_MADE, "launched_by_id", "launched_at", "version")),),
        "campaigns:campaign",
    ),
    Kind(
        "template",
        _("Mail template"),
        Action.TEMPLATE_VIEW,
        tables=(Table(MailTemplate, left_out=("created_at", "updated_at", "updated_by_id", "version")),),
        url_name="admin:campaigns_mailtemplate_change",
    ),
    Kind("picture", _("Picture"), Action.TEMPLATE_VIEW, (Table(Asset, left_out=(*_MADE, "key", "digest", "file")),)),
    Kind("sender", _("Sender"), Action.SENDER_EDIT, (Table(Sender, left_out=("created_at",)),), "campaigns:sender"),
    Kind(
        "sending",
        _("Sending"),
        Action.CAMPAIGN_LAUNCH,
        (Table(FrequencyCap, labels=(), left_out=("version",)),),
        "campaigns:sending-settings",
        by_id=False,
    ),
    Kind(
        "consent_notices",
        _("Notices of consent"),
        Action.CAMPAIGN_LAUNCH,
        (Table(NoticeSettings, labels=(), left_out=("version",)),),
        "campaigns:consent-notices",
        by_id=False,
    ),
)
