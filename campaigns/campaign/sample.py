"""A campaign's mail as one person would get it now, by the same splice as the send queue. Nothing is written."""

from datetime import datetime

from campaigns.campaign.launch import drawn_up
from campaigns.campaign.models import Campaign
from campaigns.rendering.mails import DispatchMails
from campaigns.rendering.whole import NOBODY, Sample
from campaigns.sending.eligibility import row_of
from campaigns.tracking.tokens import mail_token
from contacts.people.models import Contact


class NotReady(ValueError):
    """There is no sender or no template version yet, so there is no mail to show."""


def sample(campaign: Campaign, contact: Contact, now: datetime) -> Sample:
    """Return the mail for one person. Raises NotReady, TemplateError."""
    dispatch = drawn_up(campaign, now)
    if dispatch is None:
        raise NotReady
    mails = DispatchMails(dispatch)
    row = row_of(mails, contact.pk, now)
    compiled = mails.compiled(row.recipient.language, tracked=False)
    return Sample.of(compiled.render(row.recipient, mail_token(*NOBODY), now))
