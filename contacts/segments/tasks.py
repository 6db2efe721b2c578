"""Celery's wake-ups for segments: no arguments, harmless to repeat."""

import time

from celery import shared_task

from contacts.segments import building, caring
from contacts.segments.models import SegmentBuild
from contacts.segments.wake import wake
from crm.kit import clock

_SECONDS = 20.0


@shared_task(name="contacts.segments.work")  # type: ignore[untyped-decorator]  # celery has no types
def work() -> None:
    """Work on what is due for some seconds, and wake the next worker when more is due."""
    until = time.monotonic() + _SECONDS
    while building.run_due(clock.now):
        if time.monotonic() > until:
            wake()
            return


@shared_task(name="contacts.segments.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when something is due whose wake-up was lost, or whose worker was killed."""
    now = clock.now()
    if SegmentBuild.objects.filter(SegmentBuild.due(now)).exists():
        wake()


@shared_task(name="contacts.segments.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Record the sizes of yesterday, clear up after deleted segments, and put right what does not hold."""
    caring.nightly(clock.now())
