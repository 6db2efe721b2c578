"""Making the calls that are due: several at a time, so that a receiver that hangs holds up few others."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection

from crm.kit.outgoing import CallFailed, post
from crm.kit.work import LostLease
from crm.team import hold
from journeys.calls.models import Call
from journeys.calls.signing import headers
from journeys.engine.wake import wake

AT_ONCE = 8
_LEASE = 120.0  # seconds: longer than any call with its name's resolution
KEPT = timedelta(days=90)
_WAKE = """
UPDATE journeys_enrolment e SET due_at = %s FROM unnest(%s::bigint[], %s::int[]) AS w(id, visit)
WHERE e.id = w.id AND e.visit = w.visit AND e.ended_at IS NULL
"""


def call_due(clock: Callable[[], datetime], *, until: Callable[[], bool] = lambda: False) -> int:
    """Make the calls that are due and return how many there were; those who wait for an answer are woken."""
    made = 0
    if hold.is_held():
        return made
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not until() and (calls := Call.claim(clock(), limit=AT_ONCE, seconds=_LEASE)):
            now = clock()
            answers = list(pool.map(lambda call, at=now: _answer(call, at), calls))
            over = [call for call, answer in zip(calls, answers, strict=True) if _keep(call, answer, clock())]
            _wake(over, clock())
            made += len(calls)
    return made


def _answer(call: Call, now: datetime) -> int | CallFailed:
    """Return the status, or why there is none. Runs beside others: no database here."""
    body = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        return post(call.url, body, headers(call.url, f"call_{call.pk}", body, now))
    except CallFailed as error:
        return error


def _keep(call: Call, answer: int | CallFailed, now: datetime) -> bool:
    """Write down what became of a call and return whether it is over."""
    try:
        if isinstance(answer, int) and 200 <= answer < 300:
            call.finish(status=answer, body=None)
        elif _is_final(answer):
            call.fail(_said(answer), status=_status(answer), body=None)
        else:
            Call.objects.filter(pk=call.pk, fence=call.fence).update(status=_status(answer))
            call.try_again(_said(answer), now, body=None)
    except LostLease:
        return False
    call.refresh_from_db(fields=["state"])
    return call.state in ("done", "failed")


def _is_final(answer: int | CallFailed) -> bool:
    """Tell whether a repeat is of no use: the receiver refuses the call itself (but for too many, or too slow)."""
    if isinstance(answer, CallFailed):
        return answer.permanent
    return 400 <= answer < 500 and answer not in (408, 425, 429)


def _status(answer: int | CallFailed) -> int | None:
    return answer if isinstance(answer, int) else None


def _said(answer: int | CallFailed) -> str:
    return f"HTTP {answer}" if isinstance(answer, int) else str(answer)


def _wake(over: Sequence[Call], now: datetime) -> None:
    if over:
        with connection.cursor() as cursor:
            cursor.execute(_WAKE, [now, [call.enrolment_id for call in over], [call.visit for call in over]])
        wake()


def forget(now: datetime) -> int:
    """Delete calls long over, and return how many."""
    gone, _each = Call.objects.filter(made_at__lt=now - KEPT).exclude(state__in=["ready", "leased"]).delete()
    return gone
