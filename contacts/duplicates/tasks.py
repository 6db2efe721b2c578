"""Celery's wake-ups for searches and for merging many: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.duplicates import bulk, search
from contacts.duplicates.models import DuplicateMerge, DuplicateSearch
from crm.kit import clock
from crm.kit import wake as waking

WORK = "contacts.duplicates.work"


@shared_task(name=WORK)  # type: ignore[untyped-decorator]
def work() -> None:
    """Work on what is due for some seconds, and wake the next worker when more is due."""
    worked = bulk.run_due(clock.now) or search.run_due(clock.now)
    if worked and _is_due():
        work.delay()


@shared_task(name="contacts.duplicates.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when something is due: its wake-up was lost, or its worker was killed."""
    if _is_due():
        work.delay()


@shared_task(name="contacts.duplicates.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Search all people anew."""
    search.start(None, now=clock.now())
    work.delay()


def _is_due() -> bool:
    now = clock.now()
    return any(model.objects.filter(model.due(now)).exists() for model in (DuplicateMerge, DuplicateSearch))


def wake() -> None:
    """Wake a worker now."""
    waking.wake(WORK)
