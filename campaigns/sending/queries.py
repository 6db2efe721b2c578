"""What pages show of a dispatch: live progress, results, and the people behind every number.

Numbers come from the ledger's counters, which the follow process keeps; they lag by some milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL

from campaigns.mailers.protocol import UNCERTAIN
from campaigns.mailers.replies import Outcome
from campaigns.sending.models import Dispatch, Message, Retry
from campaigns.sending.states import RANKS, SKIPPED, MessageState, message_state
from contacts.ledger.kinds import BySubject, kind_of
from contacts.ledger.models import Event
from contacts.people.models import Contact

SENT, FAILED = Outcome.SENT.kind, Outcome.FAILED.kind
BOUNCED = (Outcome.BOUNCED_HARD.kind, Outcome.BOUNCED_SOFT.kind)
_SETTLED = (SENT, "mail.delivered", *BOUNCED, FAILED, SKIPPED)  # after one of these a mail is not in doubt any more
_SPEED_WINDOW = 5  # seconds
_NUMBERS = """
SELECT s.key::bigint, k.key, c.n, c.people
FROM ledger_subject s JOIN subject_counter c ON c.subject_id = s.id JOIN ledger_kind k ON k.id = c.kind_id
WHERE s.type = 'dispatch' AND s.key = ANY(%s)
"""
_SINCE = """
SELECT s.key::bigint, k.key, count(*), count(DISTINCT e.contact_id)
FROM ledger_subject s CROSS JOIN ledger_kind k
JOIN event e ON e.kind_id = k.id AND e.subject_id = s.id AND e.occurred_at >= %s
WHERE s.type = 'dispatch' AND s.key = ANY(%s) AND k.key = ANY(%s) GROUP BY 1, 2
"""
_USUAL = """
SELECT coalesce(max(c.people) FILTER (WHERE k.key = ANY(%(kinds)s)), 0), max(c.n) FILTER (WHERE k.key = 'mail.sent')
FROM ledger_subject s JOIN subject_counter c ON c.subject_id = s.id JOIN ledger_kind k ON k.id = c.kind_id
WHERE s.type = 'dispatch' AND (k.key = ANY(%(kinds)s) OR k.key = 'mail.sent') GROUP BY s.id
"""
# Few people bounce or are in doubt, so looking each of them up is cheap: in the ledger, and in the base it left.
_ONLY = """
WITH about AS (
    SELECT s.id, d.created_at - interval '1 day' AS since FROM ledger_subject s JOIN campaigns_dispatch d ON d.id = %s
    WHERE s.type = 'dispatch' AND s.key = d.id::text
)
SELECT DISTINCT b.contact_id FROM subject_state b
WHERE b.subject_id = (SELECT id FROM about) AND b.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s))
  AND NOT EXISTS (
    SELECT FROM event e WHERE e.subject_id = (SELECT id FROM about) AND e.contact_id = b.contact_id
      AND e.occurred_at >= (SELECT since FROM about)
      AND e.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s)))
  AND NOT EXISTS (
    SELECT FROM event_base x JOIN ledger_dropped USING (month)
    WHERE x.subject_id = (SELECT id FROM about) AND x.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s))
      AND x.contact_id IN (
        SELECT b.contact_id UNION ALL SELECT c.id FROM contacts_contact c WHERE c.merged_into_id = b.contact_id))
"""
# A message stays with the contact it was written for; the person may have been merged since.
_AT_LAUNCH = """
SELECT CASE WHEN c.merged_into_id IS NULL THEN c.id ELSE contact_root(c.id) END
FROM campaigns_message m JOIN contacts_contact c ON c.id = m.contact_id
WHERE m.dispatch_id = %s AND m.left_out = %s
"""


@dataclass(frozen=True)
class Progress:
    """Where a dispatch stands, in people; `per_second` over the last five seconds."""

    size: int
    sent: int
    waiting: int
    failed: int
    deferred: int
    uncertain: int
    skipped: int
    per_second: float

    @property
    def share(self) -> float:
        """Return how much is done, 0 to 1; nothing while it is not known yet to whom it goes."""
        return 1 - self.waiting / self.size if self.size else 0.0


def numbers(dispatch_id: int) -> dict[str, int]:
    """Return to how many people each kind of event happened, by the kind's key; what did not happen is not there.

    Of kinds counted by event alone (sent, delivered: once a mail), it is how many events there were.
    """
    return numbers_of([dispatch_id])[dispatch_id]


def numbers_of(dispatch_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return the same for many dispatches, in one query."""
    found: dict[int, dict[str, int]] = {dispatch_id: {} for dispatch_id in dispatch_ids}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [[str(dispatch_id) for dispatch_id in dispatch_ids]])
        for dispatch_id, kind, events, people in cursor.fetchall():
            found[dispatch_id][kind] = people if kind_of(kind).by_subject is BySubject.PEOPLE else events
    return found


def numbers_since(dispatch_ids: Sequence[int], kinds: Sequence[str], since: datetime) -> dict[int, dict[str, int]]:
    """Return the same of these kinds from `since` on: read from the events themselves, through an index of the kind."""
    found: dict[int, dict[str, int]] = {dispatch_id: {} for dispatch_id in dispatch_ids}
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [since, [str(dispatch_id) for dispatch_id in dispatch_ids], list(kinds)])
        for dispatch_id, kind, events, people in cursor.fetchall():
            found[dispatch_id][kind] = people if kind_of(kind).by_subject is BySubject.PEOPLE else events
    return found


def usual_share(kinds: Sequence[str]) -> float:
    """Return how many of those who were sent a mail did the most frequent of these with it, over all mails; 0 to 1."""
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, {"kinds": list(kinds)})
        rows = [(did, sent) for did, sent in cursor.fetchall() if sent]
    sent = sum(of for _did, of in rows)
    return min(1.0, sum(did for did, _of in rows) / sent) if sent else 0.0


def progress(dispatch: Dispatch, now: datetime) -> Progress:
    """Return the live progress."""
    people = numbers(dispatch.pk)
    sent = people.get(SENT, 0)
    refused = _only(dispatch.pk, BOUNCED, (SENT,)) if any(kind in people for kind in BOUNCED) else 0
    uncertain = _only(dispatch.pk, (UNCERTAIN,), _SETTLED) if UNCERTAIN in people else 0
    failed, skipped = people.get(FAILED, 0) + refused, people.get(SKIPPED, 0)
    return Progress(
        size=dispatch.size,
        sent=sent,
        waiting=max(0, dispatch.size - sent - failed - skipped - uncertain),
        failed=failed,
        deferred=Retry.objects.filter(dispatch=dispatch, tries__gt=0).count(),
        uncertain=uncertain,
        skipped=skipped,
        per_second=_per_second(dispatch.pk, now),
    )


def _only(dispatch_id: int, kinds: Iterable[str], without: Iterable[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ONLY, _only_params(dispatch_id, kinds, without))
        return len(cursor.fetchall())


def _only_params(dispatch_id: int, kinds: Iterable[str], without: Iterable[str]) -> list[int | list[str]]:
    settled = list(without)
    return [dispatch_id, list(kinds), settled, settled]


def _per_second(dispatch_id: int, now: datetime) -> float:
    recent = Event.objects.filter(kind__key=SENT, occurred_at__gt=now - timedelta(seconds=_SPEED_WINDOW))
    about = recent.filter(subject__type="dispatch", subject__key=str(dispatch_id))
    return about.count() / _SPEED_WINDOW


def left_out(dispatch_id: int) -> dict[str, int]:
    """Return how many of the audience were left out at launch, by key of LeftOut."""
    rows = Message.objects.filter(dispatch_id=dispatch_id).exclude(left_out="")
    return dict(rows.values_list("left_out").annotate(n=Count("pk")).order_by("-n"))


def ids_at_launch(dispatch_id: int, reason: str) -> RawSQL:
    """Return, for a filter on contacts, who was left out at launch for this reason; "": who gets the mail."""
    return RawSQL(_AT_LAUNCH, [dispatch_id, reason])  # noqa: S611 - constant


def ids_in_doubt(dispatch_id: int) -> RawSQL:
    """Return, for a filter on contacts, those of whose mail it is not known whether it arrived."""
    return RawSQL(_ONLY, _only_params(dispatch_id, [UNCERTAIN], _SETTLED))  # noqa: S611 - constant


@dataclass(frozen=True)
class Standing:
    """Where a message stands, and when it was first handed over (None: not, or its month was dropped)."""

    state: MessageState
    sent_at: datetime | None


def state_of(message: Message) -> MessageState:
    """Return where one message stands, from its events."""
    return message_state(_events(message).values_list("kind__key", flat=True))


def handed_over_at(message: Message) -> datetime | None:
    """Return when a message was first handed over, None when it was not (or its month was dropped)."""
    sent = _events(message).filter(kind__key=SENT).order_by("occurred_at", "pk")
    return sent.values_list("occurred_at", flat=True).first()


def standings_of(messages: Sequence[Message]) -> dict[int, Standing]:
    """Return where each of these messages to one person (and records merged into her) stands, in two queries."""
    known: dict[int, list[tuple[str, datetime]]] = {message.pk: [] for message in messages}
    rows = Event.objects.filter(
        contact_id__in=_with_survivors({message.contact_id for message in messages}),
        kind__key__in=list(RANKS),
        properties__message__in=list(known),
    )
    for number, kind, at in rows.values_list("properties__message", "kind__key", "occurred_at"):
        known[number].append((kind, at))
    return {
        number: Standing(
            message_state(kind for kind, _at in told), min((at for kind, at in told if kind == SENT), default=None)
        )
        for number, told in known.items()
    }


def _with_survivors(contact_ids: set[int]) -> set[int]:
    pairs = Contact.objects.filter(pk__in=contact_ids).values_list("pk", "merged_into_id")
    return {number for pair in pairs for number in pair if number} | contact_ids


def _events(message: Message) -> QuerySet[Event]:
    return Event.objects.filter(
        contact_id__in=_with_survivors({message.contact_id}),
        subject__type="dispatch",
        subject__key=str(message.dispatch_id),
        kind__key__in=list(RANKS),
        properties__message=message.pk,
    )
