"""Celery's wake-ups for rehearsals: no arguments, harmless to repeat."""

from celery import shared_task

from crm.kit import clock
from journeys.rehearsal import asking
from journeys.rehearsal.models import Rehearsal
from journeys.rehearsal.wake import REHEARSE, wake_rehearsal


@shared_task(name=REHEARSE, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def rehearse() -> None:
    """Do one rehearsal, and wake the next worker when more are due."""
    if asking.run_due(clock.now) and Rehearsal.objects.filter(Rehearsal.due(clock.now())).exists():
        wake_rehearsal()


@shared_task(name="journeys.rehearsal.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when a rehearsal is due whose wake-up was lost, or whose worker was killed."""
    if Rehearsal.objects.filter(Rehearsal.due(clock.now())).exists():
        wake_rehearsal()
