"""Celery's wake-ups for erasures: no arguments, harmless to repeat."""

import time

from celery import shared_task

from contacts.privacy import running
from contacts.privacy.models import Erasure
from contacts.privacy.wake import TASK, wake
from crm.kit import clock

_SECONDS = 20.0


@shared_task(name=TASK)  # type: ignore[untyped-decorator]  # celery has no types
def work() -> None:
    """Work on what is due for some seconds, and wake the next worker when more is due."""
    until = time.monotonic() + _SECONDS
    while running.run_due(clock.now):
        if time.monotonic() > until:
            wake()
            return


@shared_task(name="contacts.privacy.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when an erasure is due whose wake-up was lost, or whose worker was killed."""
    if Erasure.objects.filter(Erasure.due(clock.now())).exists():
        wake()


@shared_task(name="contacts.privacy.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Erase what came in late for people who are erased."""
    running.sweep_late()
