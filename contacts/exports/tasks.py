"""Celery's wake-ups for exports: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.exports import jobs
from contacts.exports.models import Export
from crm.kit import clock
from crm.kit.wake import wake_once_committed

WORK = "contacts.exports.work"


@shared_task(name=WORK)  # type: ignore[untyped-decorator]
def work() -> None:
    """Write one due file, and wake the next worker when more is due."""
    if jobs.run_due(clock.now) and Export.objects.filter(Export.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.exports.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when a file is due: its wake-up was lost, or its worker was killed."""
    if Export.objects.filter(Export.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.exports.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Delete the files that were kept long enough."""
    jobs.forget(clock.now())


def wake() -> None:
    """Wake a worker once the running transaction is committed."""
    wake_once_committed(WORK)
