"""Proving a sender address: a mail with a signed link goes to it, and a person confirms by a button."""

import functools
import hashlib
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.senders.models import Sender
from crm.kit.recipients import deliver
from crm.kit.tokens import BadToken, Signer


@functools.cache
def _signer() -> Signer:
    return Signer("sender")


def _fingerprint(email: str) -> int:
    """Return a number of the address, so that a link dies when the sender's address is changed."""
    return int.from_bytes(hashlib.sha256(email.lower().encode()).digest()[:6])


def confirmation_url(sender: Sender) -> str:
    """Return the address of the page that confirms this sender."""
    token = _signer().make(sender.pk, _fingerprint(sender.email))
    return urljoin(settings.BASE_URL, reverse("campaigns:sender_confirm", args=[token]))


def ask(sender: Sender) -> None:
    """Send the mail with the link to the sender's address; the way out is the default mailer. May raise its errors."""
    mail = EmailMessage(
        subject=_("Confirm this address for sending"),
        body=_(
            "Somebody wants to send mails from this address with Wayfare.\n\n"
            "If that is right, open this page and press the button:\n%(url)s\n\n"
            "If not, do nothing."
        )
        % {"url": confirmation_url(sender)},
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[sender.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    deliver(mail)


def sender_of(token: str) -> Sender:
    """Return the sender a link is for. Raises BadToken when it was altered or the address was changed since."""
    numbers = _signer().read(token)
    sender = Sender.objects.filter(pk=numbers[0]).first() if len(numbers) == 2 else None
    if sender is None or numbers[1] != _fingerprint(sender.email):
        raise BadToken("the sender has another address now")
    return sender


def confirm(token: str, now: datetime) -> Sender:
    """Mark the sender's address as proved. Raises BadToken. Harmless to repeat: the first time stays."""
    sender = sender_of(token)
    Sender.objects.filter(pk=sender.pk, verified_at=None).update(verified_at=now)
    sender.refresh_from_db()
    return sender
