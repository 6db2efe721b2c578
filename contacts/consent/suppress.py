"""Leaving mailboxes out for good, by their keyed hash. Called for bounces, complaints, by hand and by erasure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from contacts.consent.models import Suppression
from contacts.segments.touching import touch

LONGEST_DETAIL = 300
_WHOSE = "SELECT id FROM contacts_contact WHERE email_key = ANY(%s) AND email_key <> ''"


@dataclass(frozen=True)
class Mailbox:
    """One mailbox to be left out: `email_key` from contacts.people.address, `reason` of SuppressionReason."""

    email_key: str
    reason: str
    at: datetime
    detail: str = ""


@transaction.atomic
def suppress(mailboxes: Iterable[Mailbox]) -> int:
    """Leave these mailboxes out; return how many were new. The first reason stays: a repeat changes nothing."""
    first = {mailbox.email_key: mailbox for mailbox in reversed(list(mailboxes))}
    known = set(Suppression.objects.filter(email_key__in=first).values_list("email_key", flat=True))
    rows = [
        Suppression(email_key=key, reason=mailbox.reason, detail=mailbox.detail[:LONGEST_DETAIL], at=mailbox.at)
        for key, mailbox in sorted(first.items())
        if key not in known
    ]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    touch("address.excluded", _WHOSE, [[row.email_key for row in rows]])
    return len(rows)
