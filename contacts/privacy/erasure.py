"""Asking for people to be erased. Called by the page of a person, by acts on many, and by the API.

request(ids, by=user, reason=Reason.REQUEST, proof="letter of 3 May", now=now) -> Erasure
An act on many opens an erasure with nobody (opened) and names its people range by range (more): one certificate.
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from contacts.consent.models import Suppression, SuppressionReason
from contacts.consent.suppress import Mailbox, suppress
from contacts.errors import Invalid
from contacts.people.models import Contact
from contacts.privacy.models import ErasedPerson, Erasure, Reason
from contacts.privacy.people import People, roots
from contacts.privacy.wake import wake
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.kit.work import WorkState
from crm.team.models import User
from crm.team.permissions import Action, require

LONGEST_PROOF = 300
_RANGE = 2_000  # people written in one transaction
_WRITING = timedelta(hours=1)
_ADD = """
INSERT INTO contacts_erasedperson (contact_id, erasure_id) SELECT unnest(%s::bigint[]), %s
ON CONFLICT (contact_id) DO NOTHING
"""


def request(ids: Collection[int], *, by: User, reason: str, proof: str = "", now: datetime) -> Erasure:
    """Have these people erased, as far as `by` may see them, and return the job; its number is the certificate's.

    From the return on nobody of them gets a mail: their addresses are excluded for good at once. Who is being erased
    already is left to that job. Raises Invalid (an unknown reason; a proof that names one of them; nobody to erase)
    and PermissionDenied; then nothing was changed.
    """
    _allowed(by, reason)
    found = _wanted(ids, by)
    if not found:
        raise Invalid({"people": _("There is nobody to erase.")})
    words = harmless(proof, found[:_RANGE])
    return _written(found, by, reason, words, now)


def opened(*, by: User, reason: str, proof: str, now: datetime) -> Erasure:
    """Return an erasure that names nobody yet. Raises Invalid and PermissionDenied."""
    _allowed(by, reason)
    line = harmless(proof, [])
    return Erasure.objects.create(by=by, reason=reason, proof=line, requested_at=now, due_at=now)


@transaction.atomic
def more(job: Erasure, ids: Collection[int], *, by: User, now: datetime) -> list[int]:
    """Have these people erased by `job` too, as far as `by` may see them; return whom. A repeat finds nobody.

    Their addresses are excluded at once. A proof that turns out to name one of them is not kept.
    """
    require(by, Action.CONTACT_DELETE)
    found = _wanted(ids, by)
    if found:
        people = People.of(found)
        job.proof = "" if _names(job.proof, people) else job.proof
        records = _add(job, people, now)
        Erasure.objects.filter(pk=job.pk).update(
            people=F("people") + len(found), records=F("records") + records, proof=job.proof, added_at=now, due_at=now
        )
    return found


def nobody_more(number: int, now: datetime) -> None:
    """Have an erasure ended as soon as all who were named are erased: no act names more. A repeat is harmless."""
    Erasure.objects.filter(pk=number, state=WorkState.READY).update(due_at=now)
    wake()


def _allowed(by: User, reason: str) -> None:
    require(by, Action.CONTACT_DELETE)
    if reason not in Reason.values:
        raise Invalid({"reason": _("Choose why.")})


def _wanted(ids: Collection[int], by: User) -> list[int]:
    living = roots(ids)
    seen = Contact.objects.visible_to(by).filter(pk__in=living).values_list("pk", flat=True)
    return sorted(set(seen) - set(ErasedPerson.objects.filter(pk__in=living).values_list("pk", flat=True)))


def harmless(proof: str, ids: Collection[int]) -> str:
    """Return the proof on one line; the certificate is kept for good, so it may name none of them. Raises Invalid."""
    try:
        line = clean_line(proof)
    except ForbiddenCharacter as error:
        raise Invalid({"proof": _("Line breaks and control characters are not allowed here.")}) from error
    if len(line) > LONGEST_PROOF:
        raise Invalid({"proof": _("At most %(limit)d characters, please.") % {"limit": LONGEST_PROOF}})
    if _names(line, People.of(ids)):
        raise Invalid({"proof": _("This names the person. The certificate is kept: name a file or a date instead.")})
    return line


def _names(line: str, people: People) -> bool:
    """Tell whether a text names one of them; a name in Latin letters must stand there as a word of its own."""
    if not line:
        return False
    digits = re.sub(r"\D", "", line)
    words = (rf"(?<![a-z]){re.escape(text.casefold())}(?![a-z])" for text in people.mentions)
    named = any(re.search(word, line.casefold()) for word in words)
    return named or any(phone.lstrip("+")[-8:] in digits for phone in people.phones)


def _written(found: list[int], by: User, reason: str, proof: str, now: datetime) -> Erasure:
    """Write the job, then its people in ranges; it is due when the last range stands, or when a crash is long over."""
    job = Erasure.objects.create(
        by=by, reason=reason, proof=proof, requested_at=now, due_at=now + _WRITING, people=len(found)
    )
    for ids in batched(found, _RANGE, strict=False):
        job.records += _add(job, People.of(ids), now)
    Erasure.objects.filter(pk=job.pk).update(due_at=now, records=job.records)
    wake()
    return job


@transaction.atomic
def _add(job: Erasure, people: People, now: datetime) -> int:
    """Write down that these people are to be erased, exclude their addresses, and return how many records are new."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [people.array, job.pk])
        added = int(cursor.rowcount)
    keys = list(people.email_keys)
    suppress(Mailbox(key, SuppressionReason.ERASED, now) for key in keys)
    # An exclusion from before may say more than the law lets us keep, and be lifted by hand: this one may not.
    Suppression.objects.filter(email_key__in=keys).exclude(reason=SuppressionReason.ERASED, detail="").update(
        reason=SuppressionReason.ERASED, detail="", at=now
    )
    return added
