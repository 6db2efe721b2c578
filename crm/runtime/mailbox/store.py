"""The mails that were handed over on this machine: one .eml file each under var/mailbox, newest first."""

import email
import email.policy
import itertools
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, MIMEPart
from email.parser import BytesHeaderParser
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"\d{17}-\d{6}")  # microseconds since 1970 with leading zeros, and a number of this process
SEARCHED = ("X-Envelope-From", "X-Envelope-To", "Subject")
_heads = BytesHeaderParser(policy=email.policy.default)
_numbers = itertools.count()


@dataclass(frozen=True)
class Mail:
    """One kept mail and the envelope it came in."""

    name: str
    sender: str
    recipients: str
    message: EmailMessage

    @property
    def received_at(self) -> datetime:
        """When the server took it, aware, in the reader's zone."""
        from django.utils import timezone

        return datetime.fromtimestamp(int(self.name[:17]) / 1_000_000, timezone.get_current_timezone())

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return str(self.message.get("Subject", ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers a reader may want to check, decoded, in their order."""
        return [(name, str(value)) for name, value in self.message.items()]

    def body(self, kind: str) -> str | None:
        """Return the text of the `html` or `plain` part, or None where there is none."""
        part = self.message.get_body((kind,))
        return None if part is None else str(part.get_content())

    def parts(self) -> list[MIMEPart]:
        """Return attachments and pictures."""
        return [part for part in self.message.walk() if part.get_filename() or part.get("Content-ID")]


def folder() -> Path:
    """Return where mails are kept."""
    return Path(settings.VAR_DIR) / "mailbox"


def keep(content: bytes, sender: str, recipients: list[str], now: datetime) -> Path:
    """Write one mail with its envelope in front; readers see it whole or not at all."""
    place = folder() / f"{int(now.timestamp() * 1_000_000):017d}-{next(_numbers) % 1_000_000:06d}.eml"
    envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
    fresh = place.with_suffix(".new")
    fresh.write_bytes(envelope.encode("utf-8", "replace") + content)
    fresh.rename(place)
    return place


def names() -> list[str]:
    """Return the names of all kept mails, newest first."""
    return sorted((path.stem for path in folder().glob("*.eml")), reverse=True)


def read(name: str) -> Mail | None:
    """Return one mail, or None when there is none of that name."""
    place = folder() / f"{name}.eml"
    if not NAME.fullmatch(name) or not place.is_file():
        return None
    message = email.message_from_bytes(place.read_bytes(), policy=email.policy.default)
    sender, recipients = str(message.get("X-Envelope-From", "")), str(message.get("X-Envelope-To", ""))
    del message["X-Envelope-From"], message["X-Envelope-To"]
    return Mail(name, sender, recipients, message)


def matching(words: str) -> list[str]:
    """Return the names of mails whose envelope or headers contain `words`, newest first."""
    wanted = words.strip().casefold()
    return [name for name in names() if not wanted or wanted in _head(name)]


def _head(name: str) -> str:
    with (folder() / f"{name}.eml").open("rb") as file:
        head = _heads.parse(file)
    return " ".join(str(head.get(header, "")) for header in SEARCHED).casefold()
