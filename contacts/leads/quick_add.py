"""A person whom a rep adds on the way: profile, owner and consent, or the request to confirm it, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.consent.models import Channel, Decision, Purpose
from contacts.consent.record import Proof, record
from contacts.opt_in.ask import ask
from contacts.people import posted, profile
from crm.team.models import User


def add_person(data: Mapping[str, Any], *, by: User, now: datetime) -> int:
    """Add the person of a cleaned QuickAddForm, owned by `by`, and return the id; a repeated post returns the same.

    Raises Invalid and AddressTaken; then nothing is written.
    """
    contact_id, _made = posted.once(data["token"], lambda: _add(data, by=by, now=now))
    return contact_id


@transaction.atomic
def _add(data: Mapping[str, Any], *, by: User, now: datetime) -> int:
    parts = {part: data[part] for part in ("name", "phone", "email", "company", "title")}
    contact = profile.create(
        profile.Profile(**parts, source=_("Met by %(rep)s") % {"rep": by}), owner=by, by=by, now=now
    )
    if not data["marketing"]:
        return contact.pk
    proof = Proof(source="person", wording=data["said"], recorded_by_id=by.pk)
    if data["confirm"]:
        ask(contact, [Purpose.MARKETING], proof, now=now)
    else:
        record(contact.pk, Purpose.MARKETING, Channel.EMAIL, Decision.GRANTED, at=now, proof=proof, now=now)
    return contact.pk
