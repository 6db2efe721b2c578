"""One person's whole mail, by the same splice as the send queue: for "view in browser", previews, journal checks."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Self

from campaigns.rendering.compiled import Recipient
from campaigns.rendering.mails import DispatchMails
from campaigns.sending.eligibility import slice_by_id
from campaigns.sending.models import Dispatch, Message
from campaigns.templating.parts import inbox_preheader
from campaigns.tracking.tokens import MailToken, mail_token


class MailGone(LookupError):
    """The person was erased, or the message never was: there is nothing to show."""


# A signed token that names no mail and no person: its links open their pages and change nothing.
NOBODY = MailToken(0, 0, 0)


@dataclass(frozen=True)
class Sample:
    """One mail: subject and preheader as the inbox shows them, the HTML page and the text part."""

    subject: str
    preheader: str
    html: str
    text: str

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """Return what a mail program would show of these bytes."""
        parsed = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
        page = _part(parsed, "html")
        return cls(str(parsed["Subject"]), inbox_preheader(page), page, _part(parsed, "plain"))


def _part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return str(found.get_content()) if found is not None else ""


def whole(message_id: int, now: datetime) -> bytes:
    """Return the mail as it is (or was) handed over, with `now` as its date. Raises MailGone, TemplateError."""
    mails, recipient = _found(message_id, now)
    token = mail_token(mails.dispatch.pk, message_id, recipient.contact_id)
    return mails.compiled(recipient.language, tracked=recipient.tracked).render(recipient, token, now)


def copy_of(message_id: int, now: datetime) -> Sample:
    """Return the mail for a colleague who looks at it: its links are not counted, and do nothing for the person.

    Raises MailGone, TemplateError.
    """
    mails, recipient = _found(message_id, now)
    return Sample.of(mails.compiled(recipient.language, tracked=False).render(recipient, mail_token(*NOBODY), now))


def _found(message_id: int, now: datetime) -> tuple[DispatchMails, Recipient]:
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MailGone(f"message {message_id}")
    mails = DispatchMails(Dispatch.objects.select_related("sender").get(pk=message.dispatch_id))
    row = next(iter(slice_by_id(mails, [message_id], now)), None)
    if row is None or not row.recipient.email:
        raise MailGone(f"message {message_id}: its person is gone")
    return mails, row.recipient


def html_of(message_id: int, now: datetime) -> str:
    """Return the HTML part of the mail. Raises MailGone, TemplateError."""
    return Sample.of(whole(message_id, now)).html
