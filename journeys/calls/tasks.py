"""Celery's doors to the calls: no arguments, harmless to repeat."""

import logging
import time

from celery import current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from crm.kit import clock
from journeys.calls.calling import call_due, forget
from journeys.calls.models import Call

log = logging.getLogger(__name__)
CALLS = "journeys.calls"
BUDGET = 10.0  # seconds a task works before it makes room


@shared_task(name=CALLS, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def calls() -> None:
    """Make the calls that are due."""
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
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(CALLS, retry=False)
    except OperationalError:
        log.warning("no broker: the next sweep makes the calls of journeys")
