"""Celery's wake-ups for the removal of the demo data: no arguments, harmless to repeat."""

from celery import shared_task

from crm.kit import clock
from crm.kit.wake import wake
from crm.kit.work import NotYet, WorkState
from crm.runtime.demo.removal import running
from crm.runtime.demo.removal.asking import TASK
from crm.runtime.models import DemoRemoval


@shared_task(name=TASK)  # type: ignore[untyped-decorator]  # celery has no types
def remove() -> None:
    """Remove the demo data, if somebody asked for it."""
    while running.run_due(clock.now):
        pass
    if DemoRemoval.objects.filter(finished_at=None, state=WorkState.READY).exists():
        wake(TASK, after=NotYet.pause)  # something must be over first


@shared_task(name="demo.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when a removal is due whose wake-up was lost, or whose worker was killed."""
    if DemoRemoval.objects.filter(DemoRemoval.due(clock.now())).exists():
        wake(TASK)
