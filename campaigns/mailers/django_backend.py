"""Any mail back-end of Django or Anymail as a mailer: mail by mail, since Django's send_messages only tells a count."""

import email
import smtplib
from collections.abc import Collection, Iterable, Iterator
from email.message import EmailMessage as ParsedMail
from email.policy import SMTP

from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import EmailMultiAlternatives, mailers
from django.utils.translation import gettext as _
from requests import ConnectTimeout
from urllib3.exceptions import NewConnectionError

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
        except AnymailUnsupportedFeature as error:
            raise MailerError(str(error), permanent=True) from error
        except AnymailAPIError as error:
            return told_by_api(mail, error)
        except _UNREACHABLE as error:
            raise MailerError(str(error) or type(error).__name__) from error
        except OSError as error:
            return Told(mail, UNCERTAIN, 0, str(error))
        status = getattr(message, "anymail_status", None)
        return by_status(mail, set(getattr(status, "status", None) or ()), sent)

    def close(self) -> None:
        """End the back-end's connection."""
        self._backend.close()


def by_status(mail: Ready, words: Collection[str | None] | None, sent: int | None) -> Told:
    """Read Anymail's words for one mail, where there are any; None when the provider kept silent on it.

    A back-end that says it sent nothing is put off.
    """
    if words is None:
        return Told(mail, UNCERTAIN)
    if {"rejected", "invalid"} & set(words):
        return Told(mail, Outcome.BOUNCED_HARD.kind if "invalid" in words else Outcome.BOUNCED_SOFT.kind, 0, str(words))
    if set(words) == {"failed"}:
        return Told(mail, Outcome.FAILED.kind, 0, "failed")
    return Told(mail, Outcome.SENT.kind if sent else Outcome.DEFERRED.kind)


def _told(mail: Ready, code: int, reason: str) -> Told:
    return Told(mail, classify(code, "", reason).kind, code, reason)


def told_by_api(mail: Ready, error: AnymailAPIError) -> Told:
    """Return what a provider's refusal means for a mail. Without an HTTP status nobody knows whether it was taken.

    Raises MailerError where nothing can have left: no connection, or no such account or domain there (404).
    """
    code = error.status_code or 0
    if code == 404:
        message = _("The mail provider knows no such account or domain: %(words)s. Correct MAIL_PROVIDER and ANYMAIL.")
        raise MailerError(message % {"words": " ".join(str(error).split())[:150]}, permanent=True) from error
    if _never_connected(error):
        raise MailerError(str(error.__cause__)) from error
    if code >= 500:
        return Told(mail, Outcome.DEFERRED.kind, code, str(error))
    return _told(mail, code, str(error)) if code else Told(mail, UNCERTAIN, 0, str(error))


def _never_connected(error: AnymailAPIError) -> bool:
    cause = error.__cause__
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(cause, ConnectTimeout) or isinstance(reason, NewConnectionError)


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
