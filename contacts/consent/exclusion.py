"""Leaving an address out of all sending by hand, and taking it back. Faults and complaints come by suppress.py."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.consent.models import Suppression, SuppressionReason
from contacts.consent.suppress import Mailbox, suppress
from contacts.errors import Invalid
from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import User

# A complaint and an erasure are the person's own word: nobody here may overrule them.
MAY_BE_LIFTED = frozenset({SuppressionReason.MANUAL, SuppressionReason.HARD_BOUNCE, SuppressionReason.IMPORTED})


@transaction.atomic
def exclude(contact: Contact, why: str, *, by: User, now: datetime) -> bool:
    """Leave this person's address out of all sending; return False when it already is. Raises Invalid."""
    if not contact.email_key:
        raise Invalid({"why": _("There is no address that could be left out.")})
    reason = reason_of(why)
    if Suppression.objects.filter(email_key=contact.email_key).exists():
        return False
    suppress([Mailbox(contact.email_key, SuppressionReason.MANUAL, now, reason)])
    facts = {"why": reason, "by": by.pk}
    append([NewEvent(contact.pk, "address.excluded", now, properties=facts)], source="people", now=now)
    return True


def reason_of(why: str) -> str:
    """Return the reason on one line. Raises Invalid."""
    try:
        reason = clean_line(why)
    except ForbiddenCharacter as error:
        raise Invalid({"why": _("Line breaks and control characters are not allowed here.")}) from error
    if not 3 <= len(reason) <= 300:
        raise Invalid({"why": _("Say in a few words why.")})
    return reason


@transaction.atomic
def readmit(contact: Contact, why: str, *, by: User, now: datetime) -> bool:
    """Let this person's address be sent to again, if she agreed; return False when it was not left out.

    Raises Invalid for a missing reason, and for a complaint or an erasure, which stand.
    """
    held = Suppression.objects.select_for_update().filter(email_key=contact.email_key).first()
    if held is None or not contact.email_key:
        return False
    if held.reason not in MAY_BE_LIFTED:
        raise Invalid({"why": _("This was the person's own wish; it cannot be overruled here.")})
    facts = {"why": reason_of(why), "by": by.pk}
    held.delete()
    append([NewEvent(contact.pk, "address.readmitted", now, properties=facts)], source="people", now=now)
    return True


@transaction.atomic
def exclude_many(ids: Collection[int], why: str, *, by: User, now: datetime) -> list[int]:
    """Leave these people's addresses out of all sending, and return whose were not left out before. Raises Invalid.

    Who has no address, or shares a mailbox with another of them, is not among those returned twice.
    """
    reason = reason_of(why)
    rows = Contact.objects.live().filter(pk__in=ids).exclude(email_key="").order_by("-pk")
    keys = {key: pk for pk, key in rows.values_list("pk", "email_key")}
    held = Suppression.objects.filter(email_key__in=keys).values_list("email_key", flat=True)
    fresh = {key: keys[key] for key in keys.keys() - set(held)}
    suppress(Mailbox(key, SuppressionReason.MANUAL, now, reason) for key in sorted(fresh))
    return _tell_many("address.excluded", fresh.values(), reason, by, now)


@transaction.atomic
def readmit_many(ids: Collection[int], *, excluded_at: datetime, by: User, now: datetime) -> list[int]:
    """Take back that addresses were left out by hand at `excluded_at`, and return whose are let in again."""
    keys = dict(Contact.objects.filter(pk__in=ids).exclude(email_key="").values_list("email_key", "pk"))
    mine = Suppression.objects.filter(email_key__in=keys, reason=SuppressionReason.MANUAL, at=excluded_at)
    held = list(mine.select_for_update().order_by("email_key").values_list("email_key", flat=True))
    Suppression.objects.filter(email_key__in=held).delete()
    return _tell_many("address.readmitted", [keys[key] for key in held], _("Undone."), by, now)


def _tell_many(kind: str, people: Collection[int], why: str, by: User, now: datetime) -> list[int]:
    ids, facts = sorted(people), {"why": why, "by": by.pk}
    append([NewEvent(pk, kind, now, properties=facts) for pk in ids], source="people", now=now)
    return ids
