"""What a person says through the link in a mail: no more, again, or this but not that. Called by the public pages.

Each wish is kept as a statement with its proof; refusing marketing mail is also told of the dispatch. Topics narrow the
consent to marketing and never stand for it: who refuses them all has not withdrawn it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.public.reader import Reader
from campaigns.tracking.hits import SUBJECT
from contacts.consent.models import Channel, ConsentState, Decision, Purpose
from contacts.consent.record import Proof, record
from contacts.ledger.append import NewEvent, append
from contacts.people.survivors import locked_survivor
from contacts.topics import said
from contacts.topics.queries import TopicLine, topic_lines
from contacts.topics.ticks import Ticks

type Choice = tuple[str, str]  # purpose and channel

MARKETING: Choice = (Purpose.MARKETING, Channel.EMAIL)
TRACKING: Choice = (Purpose.TRACKING, Channel.EMAIL)
ONE_CLICK, PAGE, PREFERENCES = "one-click", "unsubscribe page", "preference page"
WORDING = _("I agree to get advertising mails.")
WORDING_VERSION = "1"


@dataclass(frozen=True)
class Wish:
    """One line of the preference page: what may be sent, how, and whether the person has agreed to it so far."""

    purpose: str
    channel: str
    agreed: bool

    @property
    def name(self) -> str:
        """Return the name of its form field."""
        return f"{self.purpose}.{self.channel}"

    @property
    def labels(self) -> tuple[str, str]:
        """Return what and how, in the reader's language."""
        return str(Purpose(self.purpose).label), str(Channel(self.channel).label)


def refuse(reader: Reader, *, source: str, ip_prefix: str, now: datetime) -> bool:
    """Withdraw the consent to marketing mail; a repeat changes nothing. False when the person was erased."""
    if reader.contact is None:
        return False
    with transaction.atomic():
        contact = locked_survivor(reader.contact.pk)
        if contact and _held(contact).get(MARKETING) != Decision.WITHDRAWN:
            _withdraw(reader, contact, MARKETING, Proof(source=source, ip_prefix=ip_prefix), now)
    return contact is not None


def agree(reader: Reader, *, source: str, ip_prefix: str, now: datetime) -> bool:
    """Take marketing mail up again; a repeat changes nothing. False when the person was erased."""
    if reader.contact is None:
        return False
    with transaction.atomic():
        contact = locked_survivor(reader.contact.pk)
        if contact and _held(contact).get(MARKETING) != Decision.GRANTED:
            _grant(contact, MARKETING, source, ip_prefix, now)
    return contact is not None


def wishes(reader: Reader) -> list[Wish]:
    """Return the lines of the preference page: mail and tracking always, the rest where she said something before."""
    return _wishes(reader.contact.pk) if reader.contact else []


def _wishes(contact_id: int) -> list[Wish]:
    held = _held(contact_id)
    hers = [choice for choice in sorted(held) if choice[0] != Purpose.GUARDIAN]
    shown = [MARKETING, TRACKING, *(choice for choice in hers if choice not in (MARKETING, TRACKING))]
    return [Wish(*choice, agreed=held.get(choice) == Decision.GRANTED) for choice in shown]


@transaction.atomic
def choose(
    reader: Reader, wanted: Collection[str], agreed: Collection[str], ticks: Ticks, *, ip_prefix: str, now: datetime
) -> None:
    """Keep what the person changed on the preference page: topics and, `wanted` being names of wishes ticked, consent.

    `agreed` are the wishes that the page had shown as agreed to: such a tick of a page that lay open does not lift what
    she refused meanwhile. Topics are refused before anything is granted.
    """
    contact = locked_survivor(reader.contact.pk) if reader.contact else None
    if contact is None:
        return
    said.choose_ticked(contact, ticks, source=PREFERENCES, ip_prefix=ip_prefix, now=now)
    for wish in _wishes(contact):
        choice = (wish.purpose, wish.channel)
        if wish.name in wanted and not wish.agreed and wish.name not in agreed:
            _grant(contact, choice, PREFERENCES, ip_prefix, now)
        elif wish.name not in wanted and wish.agreed:
            _withdraw(reader, contact, choice, Proof(source=PREFERENCES, ip_prefix=ip_prefix), now)


def topics(reader: Reader) -> list[TopicLine]:
    """Return the topics of the preference page: those that are offered, and others that she refuses."""
    return [line for line in topic_lines(reader.contact) if line.is_open] if reader.contact else []


def without_topic(reader: Reader, *, source: str, ip_prefix: str, now: datetime) -> bool:
    """Refuse the topic of the mail alone; a repeat changes nothing, and nothing else ever does.

    False when the person was erased, or the mail has no topic.
    """
    if reader.contact is None or reader.topic is None:
        return False
    proof = Proof(source=source, wording=reader.topic.label, ip_prefix=ip_prefix)
    said.choose(reader.contact.pk, {reader.topic.pk: False}, at=now, proof=proof, now=now)
    return True


@transaction.atomic
def all_but_topic(reader: Reader, *, source: str, ip_prefix: str, now: datetime) -> None:
    """Take marketing mail up again, but for the topic of the mail, which is refused first; both or neither."""
    without_topic(reader, source=source, ip_prefix=ip_prefix, now=now)
    agree(reader, source=source, ip_prefix=ip_prefix, now=now)


def _held(contact_id: int) -> dict[Choice, str]:
    rows = ConsentState.objects.filter(contact=contact_id).values_list("purpose", "channel", "decision")
    return {(purpose, channel): decision for purpose, channel, decision in rows}


def _grant(contact_id: int, choice: Choice, source: str, ip_prefix: str, now: datetime) -> None:
    wording = str(WORDING) if choice == MARKETING else " · ".join(Wish(*choice, agreed=True).labels)
    proof = Proof(source=source, ip_prefix=ip_prefix, wording=wording, wording_version=WORDING_VERSION)
    record(contact_id, *choice, Decision.GRANTED, at=now, proof=proof, now=now)


def _withdraw(reader: Reader, contact_id: int, choice: Choice, proof: Proof, now: datetime) -> None:
    record(contact_id, *choice, Decision.WITHDRAWN, at=now, proof=proof, now=now)
    if choice == MARKETING:
        properties = {"message": reader.mail.message_id, "source": proof.source}
        subject = (SUBJECT, str(reader.mail.dispatch_id))
        append(
            [NewEvent(contact_id, "mail.unsubscribed", now, subject, properties=properties)], source="public", now=now
        )
