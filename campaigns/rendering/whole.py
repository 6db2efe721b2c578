"""One person's whole mail, by the same splice as the send queue: for "view in browser", previews, journal checks."""

from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from campaigns.rendering.mails import DispatchMails
from campaigns.sending.eligibility import slice_by_id
from campaigns.sending.models import Dispatch, Message
from campaigns.tracking.tokens import mail_token


class MailGone(LookupError):
    """The person was erased, or the message never was: there is nothing to show."""


def whole(message_id: int, now: datetime) -> bytes:
    """Return the mail as it is (or was) handed over, with `now` as its date. Raises MailGone, TemplateError."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise MailGone(f"message {message_id}")
    mails = DispatchMails(Dispatch.objects.select_related("sender").get(pk=message.dispatch_id))
    row = next(iter(slice_by_id(mails, [message_id])), None)
    if row is None or not row.recipient.email:
        raise MailGone(f"message {message_id}: its person is gone")
    compiled = mails.compiled(row.recipient.language, tracked=row.recipient.tracked)
    token = mail_token(message.dispatch_id, message_id, message.contact_id)
    return compiled.render(row.recipient, token, now)


def html_of(message_id: int, now: datetime) -> str:
    """Return the HTML part of the mail. Raises MailGone, TemplateError."""
    parsed = message_from_bytes(whole(message_id, now), _class=EmailMessage, policy=SMTP)
    part = parsed.get_body(("html",))
    return str(part.get_content()) if part is not None else ""
