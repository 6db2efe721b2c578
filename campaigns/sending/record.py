"""Writing down what became of mails: events in the ledger, retries, reservations given back. One transaction a call.

Called by the worker 50 outcomes at a time with asynchronous commit: one UPDATE a mail would halve the speed and write
five times the log (performance.md). What PostgreSQL may lose of it, a living worker or its journal writes again.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from campaigns.mailers.protocol import UNCERTAIN
from campaigns.mailers.replies import Outcome
from campaigns.sending import reservations
from campaigns.sending.models import Dispatch, Doubt
from campaigns.sending.states import FINAL, SKIPPED
from contacts.ledger.append import INSERT, properties_json
from contacts.ledger.dictionary import kind_ids, subject_ids
from crm.kit.prepared import array, prepared_cursor
from crm.kit.work import backoff

GIVE_UP_AFTER = 9  # tries; with the default pause that is about two days
_TAKEN = Outcome.SENT.kind
_LONGEST_PAUSE = 6 * 3600.0  # seconds
_EVENTS = (
    INSERT  # the ledger's own columns
    + """
SELECT contact_id, kind_id, %s, %s, %s, NULL, properties::jsonb, NULL, 0
FROM unnest(%s::bigint[], %s::smallint[], %s::text[]) WITH ORDINALITY AS o(contact_id, kind_id, properties, place)
ORDER BY place
"""
)
# The usual case, all taken over: prepared once per connection, its JSON made by PostgreSQL, its arrays written by us,
# no BEGIN and COMMIT around it. Written like the others, 50 outcomes cost a worker 21 µs a mail; so, 4 µs.
_SENT = (
    INSERT
    + """
SELECT contact_id, %s::smallint, %s::bigint, %s::timestamptz, %s::timestamptz, NULL,
       ('{"message":' || message_id || ',"handover":"' || handover || '"}')::jsonb, NULL, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS o(contact_id, message_id, handover, place)
ORDER BY place
"""
)
_RETRIES = """
INSERT INTO campaigns_retry AS r (dispatch_id, message_id, tries, state, due_at, fence, attempts, last_error, holder)
SELECT %s, message_id, tries, 'ready', due_at, 0, 0, left(reason, 2000), ''
FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::text[]) AS w(message_id, tries, due_at, reason)
JOIN campaigns_message m ON m.id = w.message_id
ON CONFLICT (message_id) DO UPDATE SET tries = EXCLUDED.tries, due_at = EXCLUDED.due_at, state = 'ready',
    lease_until = NULL, last_error = EXCLUDED.last_error, fence = r.fence + 1, holder = ''
"""
_DROP_RETRIES = "DELETE FROM campaigns_retry WHERE message_id = ANY(%s)"
# Events of a merged person stand under the one who stays, the message under the old id: look under both.
OF_CONTACTS = """
  AND contact_id IN (
    SELECT unnest(%s::bigint[])
    UNION SELECT merged_into_id FROM contacts_contact WHERE id = ANY(%s) AND merged_into_id IS NOT NULL)
"""
_KNOWN = f"""
SELECT properties ->> 'handover' FROM event
WHERE subject_id = %s AND kind_id = ANY(%s) AND occurred_at >= %s {OF_CONTACTS}
"""  # noqa: S608 - a constant
_DOUBTS = f"""
SELECT (properties ->> 'message')::bigint FROM event
WHERE subject_id = %s AND kind_id = %s AND occurred_at >= %s {OF_CONTACTS}
"""  # noqa: S608 - a constant


class Result(NamedTuple):
    """One thing to be written about one message. `handover` is "" for what was never handed to a server."""

    message_id: int
    contact_id: int
    kind: str
    handover: str = ""
    tries: int = 0
    code: int = 0
    reason: str = ""


def record(dispatch: Dispatch, results: Sequence[Result], now: datetime) -> None:
    """Append the results to the ledger and let follow what must: a later try, or the reservation given back.

    Not repeatable by itself, see `record_missing`.
    """
    if not results:
        return
    if all(result.kind == _TAKEN for result in results):
        _append_sent(dispatch, results, now)
        return
    with transaction.atomic(savepoint=False):
        told = [given_up(result) for result in results]
        doubts = doubts_of(dispatch, [r.contact_id for r in told if r.kind == UNCERTAIN])
        _append(dispatch, told, now)
        _retry(dispatch, [result for result in told if result.kind not in FINAL], now, doubts)
        reservations.release([(r.contact_id, r.message_id) for r in told if _gives_back(r.kind)])


def record_missing(dispatch: Dispatch, results: Sequence[Result], now: datetime) -> list[Result]:
    """Record those of the results that the ledger does not hold yet, and return them. Harmless to repeat."""
    known = _known_handovers(dispatch, [result.contact_id for result in results])
    missing = [result for result in results if result.handover not in known]
    record(dispatch, missing, now)
    return missing


def _known_handovers(dispatch: Dispatch, contacts: list[int]) -> set[str]:
    numbers = kind_ids([outcome.kind for outcome in Outcome] + [UNCERTAIN])
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [subject_of(dispatch), list(numbers.values()), _since(dispatch), contacts, contacts])
        return {handover for (handover,) in cursor.fetchall() if handover}


def subject_of(dispatch: Dispatch) -> int:
    """Return the ledger's number of the dispatch."""
    subject = ("dispatch", str(dispatch.pk))
    return subject_ids([subject])[subject]


def _gives_back(kind: str) -> bool:
    return kind in FINAL and kind != Outcome.SENT.kind


def _append_sent(dispatch: Dispatch, results: Sequence[Result], now: datetime) -> None:
    """Append what servers took over. A hand-over's name is hexadecimal, so that nothing in it needs a quote."""
    with prepared_cursor() as cursor:
        cursor.execute(
            _SENT,
            [
                kind_ids([_TAKEN])[_TAKEN],
                subject_of(dispatch),
                now,
                now,
                array(result.contact_id for result in results),
                array(result.message_id for result in results),
                array(result.handover for result in results),
            ],
        )


def _append(dispatch: Dispatch, results: Sequence[Result], now: datetime) -> None:
    numbers = kind_ids({result.kind for result in results})
    columns = (
        [result.contact_id for result in results],
        [numbers[result.kind] for result in results],
        [_properties(result) for result in results],
    )
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [subject_of(dispatch), now, now, *columns])


def _properties(result: Result) -> str:
    told = {"handover": result.handover, "code": result.code, "reason": result.reason}
    return properties_json({"message": result.message_id, **{name: fact for name, fact in told.items() if fact}})


def doubts_of(dispatch: Dispatch, contacts: list[int]) -> Counter[int]:
    """Return how often each message to these contacts was uncertain so far."""
    if not contacts:
        return Counter()
    number = kind_ids([UNCERTAIN])[UNCERTAIN]
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTS, [subject_of(dispatch), number, _since(dispatch), contacts, contacts])
        return Counter(message for (message,) in cursor.fetchall())


def _since(dispatch: Dispatch) -> datetime:
    """Return a time before the first event of the dispatch, so that older partitions are not looked into."""
    return dispatch.created_at - timedelta(days=1)


def _retry(dispatch: Dispatch, open_: Sequence[Result], now: datetime, doubts: Counter[int]) -> None:
    """Plan the next try of deferred, refused and doubtful mails; a mail in doubt for good is held."""
    dues = [(result, _due(dispatch, result, now, doubts[result.message_id])) for result in open_]
    drop_retries([result.message_id for result, due in dues if due is None])
    planned = [(result, due) for result, due in dues if due is not None]
    if not planned:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RETRIES,
            [
                dispatch.pk,
                [result.message_id for result, _ in planned],
                [result.tries + (result.kind == Outcome.DEFERRED.kind) for result, _ in planned],
                [due for _, due in planned],
                [result.reason for result, _ in planned],
            ],
        )


def postpone(dispatch: Dispatch, tries: Sequence[tuple[int, int]], dues: Sequence[datetime]) -> None:
    """Plan (message, tries so far) for a later time without any outcome: their domain asked us to slow down."""
    if not tries:
        return
    columns = ([message for message, _ in tries], [n for _, n in tries], list(dues), [""] * len(tries))
    with connection.cursor() as cursor:
        cursor.execute(_RETRIES, [dispatch.pk, *columns])


def _due(dispatch: Dispatch, result: Result, now: datetime, doubts: int) -> datetime | None:
    if result.kind == Outcome.REJECTED.kind:
        return now  # the sender's fault: due as soon as a person resumes the paused campaign
    if result.kind == UNCERTAIN:
        again = dispatch.doubt == Doubt.RESEND and not doubts
        return now + timedelta(seconds=settings.LEASE_SECONDS) if again else None
    return now + jittered(backoff(result.tries + 1, base=settings.RETRY_SECONDS, longest=_LONGEST_PAUSE))


def jittered(pause: timedelta) -> timedelta:
    """Return 0.75 to 1.25 times the pause, so that what was put off together does not come back together."""
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


def given_up(result: Result) -> Result:
    """Return a deferral as a failure once it was tried often enough."""
    if result.kind != Outcome.DEFERRED.kind or result.tries + 1 < GIVE_UP_AFTER:
        return result
    return Result(
        result.message_id,
        result.contact_id,
        Outcome.FAILED.kind,
        result.handover,
        result.tries,
        result.code,
        result.reason,
    )


def skipped(message_id: int, contact_id: int, reason: str) -> Result:
    """Return the result for somebody who must not be mailed any more; `reason` is a key of LeftOut."""
    return Result(message_id, contact_id, SKIPPED, reason=reason)


def drop_retries(message_ids: Sequence[int]) -> None:
    """Forget the retries of messages that have their final outcome."""
    if message_ids:
        with connection.cursor() as cursor:
            cursor.execute(_DROP_RETRIES, [list(message_ids)])
