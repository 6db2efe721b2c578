"""Any mail back-end of Django or Anymail as a mailer: mail by mail, since Django's send_messages only tells a count."""

import email
import smtplib
from collections.abc import Iterable, Iterator
from email.message import EmailMessage as ParsedMail
from email.policy import SMTP

from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, mailers

from campaigns.mailers.protocol import UNCERTAIN, Journal, MailerError, Ready, Told
from campaigns.mailers.replies import Outcome, classify

_MESSAGE_GONE = frozenset(("to", "subject", "from", "reply-to", "mime-version", "content-type"))
_UNREACHABLE = (ConnectionRefusedError, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)


class DjangoMailer:
    """Hands mails to the back-end under an alias of settings.MAILERS."""

    width = 1

    def __init__(self, alias: str) -> None:
        self._backend = mailers[alias]

    def hand_over(self, mails: Iterable[Ready], journal: Journal) -> Iterator[Told]:
        """See protocol.Mailer."""
        for mail in mails:
            message = as_django(mail)
            journal.intend(mail)
            told = self._send(mail, message)
            journal.told(told)
            yield told

    def _send(self, mail: Ready, message: EmailMultiAlternatives) -> Told:  # noqa: PLR0911 - one line an error
        try:
            self._backend.open()
            sent = self._backend.send_messages([message])
        except smtplib.SMTPAuthenticationError as error:
            raise MailerError(f"{error.smtp_code} {_text(error.smtp_error)}", permanent=True) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            return _told(mail, code, _text(reason))
        except smtplib.SMTPResponseException as error:
            return _told(mail, error.smtp_code, _text(error.smtp_error))
        except AnymailRecipientsRefused as error:
            return Told(mail, Outcome.BOUNCED_HARD.kind, 0, str(error))
        except AnymailInvalidAddress as error:
            return Told(mail, Outcome.FAILED.kind, 0, str(error))
        except AnymailAPIError as error:
            return _told_by_api(mail, error)
        except _UNREACHABLE as error:
            raise MailerError(str(error) or type(error).__name__) from error
        except OSError as error:
            return Told(mail, UNCERTAIN, 0, str(error))
        return _by_status(mail, message, sent)

    def close(self) -> None:
        """End the back-end's connection."""
        self._backend.close()


def _by_status(mail: Ready, message: EmailMultiAlternatives, sent: int | None) -> Told:
    """Read Anymail's status where there is one; a back-end that says it sent nothing is put off."""
    status = getattr(message, "anymail_status", None)
    words = set(getattr(status, "status", None) or ())
    if words & {"rejected", "invalid"}:
        return Told(mail, Outcome.BOUNCED_HARD.kind if "invalid" in words else Outcome.BOUNCED_SOFT.kind, 0, str(words))
    if words == {"failed"}:
        return Told(mail, Outcome.FAILED.kind, 0, "failed")
    return Told(mail, Outcome.SENT.kind if sent else Outcome.DEFERRED.kind)


def _told(mail: Ready, code: int, reason: str) -> Told:
    return Told(mail, classify(code, "", reason).kind, code, reason)


def _told_by_api(mail: Ready, error: AnymailAPIError) -> Told:
    """Without an HTTP status nobody knows whether the provider took the mail."""
    code = error.status_code or 0
    if code >= 500:
        return Told(mail, Outcome.DEFERRED.kind, code, str(error))
    return _told(mail, code, str(error)) if code else Told(mail, UNCERTAIN, 0, str(error))


def _text(raw: bytes | str) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw


def as_django(mail: Ready) -> EmailMultiAlternatives:
    """Return the spliced mail as the message object that back-ends take, with the same headers and parts."""
    parsed = email.message_from_bytes(mail.data, _class=ParsedMail, policy=SMTP)
    text, html = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    headers = {name: str(value) for name, value in parsed.items() if name.lower() not in _MESSAGE_GONE}
    message = EmailMultiAlternatives(
        subject=str(parsed["Subject"]),
        body=text.get_content() if text else "",
        from_email=str(parsed["From"]),
        to=[mail.recipient],
        reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
        headers=headers,
    )
    # Providers put their own Message-ID on a mail; this comes back in their webhooks (Anymail; Django ignores it).
    token = str(parsed["Message-ID"] or "").removeprefix("<m.").partition("@")[0]
    message.metadata = {"message": token}  # type: ignore[attr-defined]
    if html is not None:
        message.attach_alternative(html.get_content(), "text/html")
    return message
