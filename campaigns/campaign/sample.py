"""A campaign's mail as one person would get it now, by the same splice as the send queue. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from campaigns.campaign.launch import latest_version
from campaigns.campaign.models import Campaign
from campaigns.rendering.mails import DispatchMails
from campaigns.sending.eligibility import row_of
from campaigns.sending.models import Dispatch
from campaigns.templating.parts import inbox_preheader
from campaigns.tracking.tokens import mail_token
from contacts.people.models import Contact


class NotReady(ValueError):
    """There is no sender or no template version yet, so there is no mail to show."""


@dataclass(frozen=True)
class Sample:
    """One mail: subject and preheader as the inbox shows them, the HTML page and the text part."""

    subject: str
    preheader: str
    html: str
    text: str


def sample(campaign: Campaign, contact: Contact, now: datetime) -> Sample:
    """Return the mail for one person. Raises NotReady, TemplateError."""
    mails = _mails(campaign)
    row = row_of(mails, contact.pk)
    compiled = mails.compiled(row.recipient.language, tracked=False)
    raw = compiled.render(row.recipient, mail_token(0, 0, contact.pk), now)
    parsed = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
    page = _part(parsed, "html")
    return Sample(str(parsed["Subject"]), inbox_preheader(page), page, _part(parsed, "plain"))


def _mails(campaign: Campaign) -> DispatchMails:
    version = latest_version(campaign)
    if version is None or campaign.sender is None:
        raise NotReady
    return DispatchMails(
        Dispatch(
            campaign=campaign,
            sender=campaign.sender,
            template_version=version,
            kind=version.kind,
            subject=campaign.subject,
            preheader=campaign.preheader,
            link_parameters=campaign.link_parameters,
        )
    )


def _part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return str(found.get_content()) if found is not None else ""
