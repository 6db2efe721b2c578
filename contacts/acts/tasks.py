"""Celery's wake-ups for acts on many: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.acts import jobs
from contacts.acts.models import BulkAct
from crm.kit import clock
from crm.kit.wake import wake_once_committed

WORK = "contacts.acts.work"


@shared_task(name=WORK)  # type: ignore[untyped-decorator]
def work() -> None:
    """Work on one due act for some seconds, and wake the next worker when more is due."""
    if jobs.run_due(clock.now) and BulkAct.objects.filter(BulkAct.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.acts.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when an act is due: one whose wake-up was lost, or whose worker was killed."""
    if BulkAct.objects.filter(BulkAct.due(clock.now())).exists():
        work.delay()


@shared_task(name="contacts.acts.nightly")  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget what people were before acts that are too old to be undone."""
    jobs.forget(clock.now())


def wake() -> None:
    """Wake a worker once the running transaction is committed."""
    wake_once_committed(WORK)
