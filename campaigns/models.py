"""All tables of campaigns, gathered for Django; each noun keeps its own in its package."""

from campaigns.campaign.models import Campaign
from campaigns.deliverability.models import SoftBounces
from campaigns.notices.models import ConsentNotice, NoticeSettings
from campaigns.senders.models import Sender, SenderTrial
from campaigns.sending.models import (
    Chunk,
    ContactSendState,
    Dispatch,
    DomainPace,
    FrequencyCap,
    Link,
    MailerState,
    Message,
    Retry,
)
from campaigns.templating.models import Asset, MailTemplate, TemplateVersion
from campaigns.webhooks.models import WebhookReceipt

__all__ = [
    "Asset",
    "Campaign",
    "Chunk",
    "ConsentNotice",
    "ContactSendState",
    "Dispatch",
    "DomainPace",
    "FrequencyCap",
    "Link",
    "MailTemplate",
    "MailerState",
    "Message",
    "NoticeSettings",
    "Retry",
    "Sender",
    "SenderTrial",
    "SoftBounces",
    "TemplateVersion",
    "WebhookReceipt",
]
