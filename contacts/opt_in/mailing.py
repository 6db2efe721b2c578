"""The confirmation mail. At most one leaves: a try of which nobody knows how it ended is never repeated."""

from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from contacts.consent.models import Purpose
from contacts.ledger.append import NewEvent, append
from contacts.opt_in.models import OptIn
from contacts.opt_in.tokens import token_of
from crm.kit.recipients import NotListed, deliver
from crm.kit.work import backoff
from crm.team import hold
from crm.team.company import company, own_sender


def send_due(clock: Callable[[], datetime]) -> int:
    """Send what is due and return how many mails left. Each is claimed, and the claim committed, before it leaves."""
    sent = 0
    if hold.is_held():
        return sent
    while claimed := OptIn.claim(clock()):
        sent += _deal_with(claimed[0], clock())
    return sent


def _deal_with(row: OptIn, now: datetime) -> bool:
    if row.attempts > 1 and not row.last_error:
        row.fail("a worker was killed while it sent this: it may have left")
        return False
    contact = row.contact
    if contact.email_key != row.email_key or row.confirmed_at is not None:
        row.finish()  # the address was changed or given up meanwhile
        return False
    try:
        deliver(_mail(row))
    except NotListed:
        row.finish()  # a test install: nobody outside is asked
        return False
    except (SMTPException, OSError) as error:
        if row.attempts >= row.max_attempts:
            row.fail(str(error))
        else:
            row.retry(now + backoff(row.attempts, base=settings.RETRY_SECONDS), str(error) or type(error).__name__)
        return False
    row.finish()
    append([NewEvent(contact.pk, "consent.asked", now, properties={"source": row.source})], source="opt-in", now=now)
    return True


def _mail(row: OptIn) -> EmailMultiAlternatives:
    contact = row.contact
    with translation.override(contact.language or settings.LANGUAGE_CODE):
        context = {
            "name": contact.name,
            "company": company().name,
            "purposes": [Purpose(purpose).label for purpose in row.purposes],
            "wording": row.wording,
            "link": urljoin(settings.BASE_URL, reverse("contacts:opt_in", args=[token_of(row)])),
            "language": translation.get_language(),
        }
        subject = " ".join(render_to_string("contacts/mail/opt_in_subject.txt", context).split())
        mail = EmailMultiAlternatives(
            subject,
            render_to_string("contacts/mail/opt_in.txt", context),
            own_sender(),
            [contact.email or ""],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("contacts/mail/opt_in.html", context), "text/html")
    return mail
