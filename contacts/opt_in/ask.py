"""Asking a person by mail to confirm what she agreed to. Called by the rep's quick-add and by forms."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, OuterRef, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.consent.models import Suppression
from contacts.consent.record import Proof
from contacts.errors import Invalid
from contacts.opt_in.models import OptIn
from contacts.opt_in.tasks import wake
from contacts.people.models import Contact


def ask(contact: Contact, purposes: Sequence[str], proof: Proof, *, now: datetime) -> bool:
    """Have a mail sent in which this person confirms e-mail consent for `purposes`; nothing is granted before.

    False when one was asked for at this address today already: nothing is sent twice a day, whoever asks. Raises
    Invalid without an address, or with one that gets no mail.
    """
    if not contact.email or not contact.email_key:
        raise Invalid({"email": _("Without an address nothing can be confirmed.")})
    if Suppression.objects.filter(email_key=contact.email_key).exists():
        raise Invalid({"email": _("This address is left out of all sending.")})
    with transaction.atomic():
        _row, made = OptIn.objects.get_or_create(
            email_key=contact.email_key,
            day=timezone.localdate(now, timezone.get_default_timezone()),
            defaults={
                "contact": contact,
                "purposes": sorted(set(purposes)),
                "wording": proof.wording,
                "wording_version": proof.wording_version,
                "source": proof.source,
                "asked_at": now,
                "asked_by_id": proof.recorded_by_id,
                "due_at": now,
            },
        )
        if made:
            transaction.on_commit(wake)
    return made


def waiting_since() -> Subquery:
    """Return, for a query of contacts, since when a confirmation of each is waited for, null when none is."""
    newest = OptIn.objects.filter(contact=OuterRef("pk"), email_key=OuterRef("email_key")).order_by("-asked_at")
    return Subquery(newest.annotate(since=Case(When(confirmed_at=None, then=F("asked_at")))).values("since")[:1])
