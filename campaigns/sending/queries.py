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
from contacts.ledger.models import Event
from contacts.people.models import Contact
from crm.team.models import User

SENT, FAILED = Outcome.SENT.kind, Outcome.FAILED.kind
BOUNCED = (Outcome.BOUNCED_HARD.kind, Outcome.BOUNCED_SOFT.kind)
_SETTLED = (SENT, "mail.delivered", *BOUNCED, FAILED, SKIPPED)  # after one of these a mail is not in doubt any more
_SPEED_WINDOW = 5  # seconds
_NUMBERS = """
SELECT s.key::bigint, k.key, c.people
FROM ledger_subject s JOIN subject_counter c ON c.subject_id = s.id JOIN ledger_kind k ON k.id = c.kind_id
WHERE s.type = 'dispatch' AND s.key = ANY(%s)
"""
# Few people bounce or are in doubt, so looking each of them up among those who were sent to is cheap.
_ONLY = """
SELECT DISTINCT b.contact_id FROM subject_state b
WHERE b.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)
  AND b.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s))
  AND NOT EXISTS (
    SELECT FROM subject_state s WHERE s.subject_id = b.subject_id AND s.contact_id = b.contact_id
      AND s.kind_id IN (SELECT id FROM ledger_kind WHERE key = ANY(%s)))
"""
_WHO = """
SELECT s.contact_id FROM subject_state s
WHERE s.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)
  AND s.kind_id = (SELECT id FROM ledger_kind WHERE key = %s)
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
    """Return to how many people each kind of event happened, by the kind's key; what did not happen is not there."""
    return numbers_of([dispatch_id])[dispatch_id]


def numbers_of(dispatch_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return the same for many dispatches, in one query."""
    found: dict[int, dict[str, int]] = {dispatch_id: {} for dispatch_id in dispatch_ids}
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, [[str(dispatch_id) for dispatch_id in dispatch_ids]])
        for dispatch_id, kind, people in cursor.fetchall():
            found[dispatch_id][kind] = people
    return found


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
        cursor.execute(_ONLY, [str(dispatch_id), list(kinds), list(without)])
        return len(cursor.fetchall())


def _per_second(dispatch_id: int, now: datetime) -> float:
    recent = Event.objects.filter(kind__key=SENT, occurred_at__gt=now - timedelta(seconds=_SPEED_WINDOW))
    about = recent.filter(subject__type="dispatch", subject__key=str(dispatch_id))
    return about.count() / _SPEED_WINDOW


def people_with(dispatch_id: int, kind: str, user: User) -> QuerySet[Contact]:
    """Return the people whom `user` may see and to whom an event of this kind happened in the dispatch."""
    return Contact.objects.visible_to(user).filter(pk__in=RawSQL(_WHO, [str(dispatch_id), kind]))  # noqa: S611 - constant


def left_out(dispatch_id: int) -> dict[str, int]:
    """Return how many of the audience were left out at launch, by key of LeftOut."""
    rows = Message.objects.filter(dispatch_id=dispatch_id).exclude(left_out="")
    return dict(rows.values_list("left_out").annotate(n=Count("pk")).order_by("-n"))


def ids_at_launch(dispatch_id: int, reason: str) -> RawSQL:
    """Return, for a filter on contacts, who was left out at launch for this reason; "": who gets the mail."""
    return RawSQL(_AT_LAUNCH, [dispatch_id, reason])  # noqa: S611 - constant


def ids_in_doubt(dispatch_id: int) -> RawSQL:
    """Return, for a filter on contacts, those of whose mail it is not known whether it arrived."""
    return RawSQL(_ONLY, [str(dispatch_id), [UNCERTAIN], list(_SETTLED)])  # noqa: S611 - constant


def state_of(message: Message) -> MessageState:
    """Return where one message stands, from its events."""
    return message_state(_events(message).values_list("kind__key", flat=True))


def handed_over_at(message: Message) -> datetime | None:
    """Return when a message was first handed over, None when it was not (or its month was dropped)."""
    sent = _events(message).filter(kind__key=SENT).order_by("occurred_at", "pk")
    return sent.values_list("occurred_at", flat=True).first()


def _events(message: Message) -> QuerySet[Event]:
    people = Contact.objects.filter(pk=message.contact_id).values_list("pk", "merged_into_id")
    ids = {number for pair in people for number in pair if number} | {message.contact_id}
    return Event.objects.filter(
        contact_id__in=ids,
        subject__type="dispatch",
        subject__key=str(message.dispatch_id),
        kind__key__in=list(RANKS),
        properties__message=message.pk,
    )
