"""Celery's doors to the calls: no arguments, harmless to repeat."""

import time

from celery import shared_task

from crm.kit import clock
from crm.kit.wake import wake_once_committed
from crm.team import hold
from journeys.calls.calling import call_due, forget
from journeys.calls.models import Call

CALLS = "journeys.calls"
BUDGET = 10.0  # seconds a task works before it makes room


@shared_task(name=CALLS, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def calls() -> None:
    """Make the calls that are due."""
    if hold.is_held():
        return
    end = time.monotonic() + BUDGET
    call_due(clock.now, until=lambda: time.monotonic() >= end)
    if Call.objects.filter(Call.due(clock.now())).exists():
        wake_calls()


@shared_task(name="journeys.calls_nightly", ignore_result=True)  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget calls long over."""
    forget(clock.now())


def wake_calls() -> None:
    """Wake a worker once the running transaction is committed; a lost wake-up waits for the sweep."""
    wake_once_committed(CALLS)
