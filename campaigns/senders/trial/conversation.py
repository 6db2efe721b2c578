"""A test mail handed over while every word is written down: what we say, what the server says, no secret among it."""

import base64
import dataclasses
import re
import smtplib
from email.headerregistry import Address
from email.policy import SMTP

from django.core.mail import EmailMessage, mailers
from django.utils.translation import gettext as _

from campaigns.mailers.protocol import MailerError
from campaigns.mailers.session import CRLF, END, ConnectionLost, Reply, Server, Session
from campaigns.mailers.smtp import PipeliningBackend
from campaigns.senders.models import Sender
from campaigns.senders.trial.findings import Finding
from crm.kit.recipients import NotListed, deliver, may_receive

SECONDS = 10.0  # of patience with the server for each answer
LONGEST = 2_000  # signs of an answer that are kept
US, THEM = "us", "them"

type Said = list[list[str]]  # pairs of US or THEM, and a line


class _Recorded(Session):
    """A session that writes down what is said; name and password are left out."""

    def __init__(self, server: Server, said: Said) -> None:
        self.said = said
        self._secrets = [text for text in (server.username, server.password) if text]
        self._secrets += [base64.b64encode(text.encode()).decode() for text in self._secrets]
        super().__init__(server)

    def write(self, data: bytes) -> None:
        """See Session."""
        self.said.append([US, self._shown(data)])
        super().write(data)

    def read(self) -> Reply:
        """See Session."""
        reply = super().read()
        self.said.append([THEM, self._clean(f"{reply.code} {reply.text}"[:LONGEST])])
        return reply

    def _shown(self, data: bytes) -> str:
        text = data.decode("utf-8", "replace").rstrip()
        if len(text) > LONGEST or "\n" in text:
            return _("(the mail, %(size)d bytes)") % {"size": len(data)}
        auth = re.match(r"AUTH \w+", text)
        return f"{auth[0]} …" if auth and len(text) > len(auth[0]) else self._clean(text)

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


def talk(sender: Sender, to: str) -> tuple[Said, list[Finding], bool]:
    """Hand a test mail from `sender` over to the default mailer; return what was said and what was found.

    The last value tells whether a provider takes the mails instead of an SMTP server.
    """
    if not may_receive(to):
        return [], [Finding("smtp_refused", {"reason": str(NotListed(to))})], False
    mail = _mail(sender, to)
    backend = mailers["default"]
    if not isinstance(backend, PipeliningBackend):
        return *_by_provider(mail, to), True
    server = dataclasses.replace(backend.server, timeout=min(SECONDS, backend.server.timeout))
    said: Said = []
    finding = _by_smtp(server, mail, to, said)
    plain = not server.security and server.host not in ("127.0.0.1", "localhost", "::1")
    return said, [finding, *([Finding("smtp_plain")] if plain else [])], False


def _mail(sender: Sender, to: str) -> EmailMessage:
    return EmailMessage(
        _("Test of the sender %(name)s") % {"name": sender.name},
        _("This is a test mail from %(email)s. Nothing needs to be done.") % {"email": sender.email},
        str(Address(sender.name, addr_spec=sender.email)),
        [to],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _by_smtp(server: Server, mail: EmailMessage, to: str, said: Said) -> Finding:
    try:
        session = _Recorded(server, said)
    except MailerError as error:
        return Finding("smtp_refused", {"reason": error.reason})
    try:
        body = re.sub(rb"(?m)^\.", b"..", mail.message(policy=SMTP).as_bytes())
        address = re.search(r"<([^>]*)>", mail.from_email)
        commands = (f"MAIL FROM:<{address[1] if address else mail.from_email}>", f"RCPT TO:<{to}>", "DATA")
        for command in commands:
            reply = session.ask(command.encode())
            if reply.code >= 400:
                return Finding("smtp_refused", {"reason": f"{reply.code} {reply.text}"[:300]})
        session.write(body.rstrip(b"\r\n") + CRLF + END)
        reply = session.read()
    except ConnectionLost as error:
        return Finding("smtp_refused", {"reason": str(error)})
    finally:
        session.close()
    if reply.code // 100 != 2:
        return Finding("smtp_refused", {"reason": f"{reply.code} {reply.text}"[:300]})
    return Finding("smtp_taken", {"to": to})


def _by_provider(mail: EmailMessage, to: str) -> tuple[Said, list[Finding]]:
    try:
        deliver(mail)
    except (OSError, smtplib.SMTPException) as error:
        return [], [Finding("smtp_refused", {"reason": str(error)[:300]})]
    return [], [Finding("smtp_taken", {"to": to})]
