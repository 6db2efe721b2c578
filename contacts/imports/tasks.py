"""Celery's wake-ups for imports, and the nightly forgetting: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.imports import sources, worker
from contacts.imports.forgetting import forget
from contacts.imports.models import ImportJob
from crm.kit import clock
from crm.kit import wake as waking

WORK = "contacts.imports.work"


@shared_task(name=WORK)  # type: ignore[untyped-decorator]
def work() -> None:
    """Work on one due import for some seconds, and wake the next worker when more is due."""
    if worker.run_due(clock.now) and ImportJob.objects.filter(ImportJob.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.imports.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when an import is due: one whose wake-up was lost, or whose worker was killed."""
    if ImportJob.objects.filter(ImportJob.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.imports.fetch")  # type: ignore[untyped-decorator]
def fetch() -> None:
    """Fetch the files that are due from their addresses, and wake a worker for them."""
    while sources.fetch_due(clock.now()):
        work.delay()


@shared_task(name="contacts.imports.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget what old imports keep of people."""
    forget(clock.now())


def wake() -> None:
    """Wake a worker now."""
    waking.wake(WORK)
