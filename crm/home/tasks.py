"""Celery's wake-ups for home: no arguments, harmless to repeat."""

from celery import shared_task

from crm.home import tally
from crm.home.health import tasks as health_tasks  # noqa: F401 - found by Celery here
from crm.kit import clock


@shared_task(name=tally.TASK)  # type: ignore[untyped-decorator]  # celery has no types
def count() -> None:
    """Count what readers of home asked for."""
    tally.count_due(clock.now)


@shared_task(name="home.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when something was asked for and its wake-up was lost."""
    if tally.due():
        tally.wake()
