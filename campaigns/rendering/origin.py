"""What is equal in all mails of a dispatch: who sends, and the MIME skeleton, built by the library once."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from django.core.mail import EmailMultiAlternatives

from campaigns.rendering.headers import address
from campaigns.templating.models import MailKind

_TEXT = "WayfareTextPartGoesHere"
_HTML = "WayfareHtmlPartGoesHere"


@dataclass(frozen=True)
class Origin:
    """Who sends, and what is equal in all mails of a dispatch."""

    sender_id: int
    name: str
    email: str
    reply_to: str
    kind: str
    automatic: bool = False

    @property
    def advertising(self) -> bool:
        """Tell whether consent, mark and opt-out headers are needed."""
        return self.kind == MailKind.ADVERTISING


def skeleton(origin: Origin) -> tuple[bytes, bytes, bytes]:
    """Return what stands before the text, between text and HTML, and after it, as the library writes it."""
    mail = EmailMultiAlternatives(
        subject="",
        body=_TEXT,
        from_email=address(origin.name, origin.email),
        to=["somebody@example.com"],
        reply_to=[origin.reply_to] if origin.reply_to else None,
        headers={"Message-ID": "<x@example.com>", "Date": "Thu, 01 Jan 1970 00:00:00 +0000"},
    )
    mail.attach_alternative(_HTML, "text/html")
    message = mail.message(policy=SMTP)
    for name in ("Subject", "To", "Date", "Message-ID"):
        del message[name]
    for part, text, subtype in zip(_parts(message), (_TEXT, _HTML), ("plain", "html"), strict=True):
        part.set_content(text, subtype=subtype, charset="utf-8", cte="quoted-printable")
    raw = message.as_bytes()
    head, rest = raw.split(_TEXT.encode())
    middle, tail = rest.split(_HTML.encode())
    return head, middle.removeprefix(b"\r\n"), tail.removeprefix(b"\r\n")


def _parts(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
