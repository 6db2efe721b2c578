"""What a person says by the button behind the link. Only she can say it: nothing is granted by opening the page."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from contacts.consent.models import Channel, Decision, Purpose
from contacts.consent.record import Proof, record
from contacts.opt_in.models import OptIn
from contacts.opt_in.tokens import request_of
from contacts.people.models import Contact
from contacts.people.queries import survivor_of
from contacts.topics import said
from contacts.topics.queries import TopicLine, topic_lines
from contacts.topics.ticks import Ticks

VALID = timedelta(days=14)
NOTHING = Ticks()


class Standing(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    GONE = "gone"  # the person has another address now


def standing(row: OptIn, now: datetime) -> Standing:
    """Tell what can be done with a request at `now`."""
    if row.confirmed_at is not None:
        return Standing.CONFIRMED
    if now - row.asked_at > VALID:
        return Standing.EXPIRED
    person = _person(row)
    return Standing.OPEN if person is not None and person.email_key == row.email_key else Standing.GONE


def _person(row: OptIn) -> Contact | None:
    return Contact.objects.filter(pk=survivor_of(row.contact_id) or 0).first()


def topics_of(row: OptIn) -> list[TopicLine]:
    """Return the topics to choose from: none where marketing is not asked for."""
    person = _person(row) if Purpose.MARKETING in row.purposes else None
    return [line for line in topic_lines(person) if line.is_open] if person else []


def confirm(token: str, *, ip_prefix: str, now: datetime, ticks: Ticks = NOTHING) -> tuple[OptIn, Standing]:
    """Grant what was asked for, with its proof; a repeat changes nothing, also after a later refusal.

    The topics that were unticked are refused before. Returns the request and where it stands. Raises BadToken.
    """
    with transaction.atomic():
        row = OptIn.objects.select_for_update().get(pk=request_of(token).pk)
        found, person = standing(row, now), _person(row)
        if found is not Standing.OPEN or person is None:
            return row, found
        proof = Proof(
            source=row.source,
            wording=row.wording,
            wording_version=row.wording_version,
            recorded_by_id=row.asked_by_id,
            double_opt_in_at=now,
            ip_prefix=ip_prefix,
        )
        said.choose_ticked(person.pk, ticks, source=row.source, ip_prefix=ip_prefix, now=now)
        for purpose in row.purposes:
            record(person.pk, purpose, Channel.EMAIL, Decision.GRANTED, at=now, proof=proof, now=now)
        row.confirmed_at = now
        OptIn.objects.filter(pk=row.pk).update(confirmed_at=now)
        return row, Standing.CONFIRMED
