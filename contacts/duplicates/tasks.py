"""Celery's wake-ups for searches and for merging many: no arguments, harmless to repeat."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from contacts.duplicates import search
from contacts.duplicates.models import DuplicateSearch
from crm.kit import clock

log = logging.getLogger(__name__)


@shared_task(name="contacts.duplicates.work")  # type: ignore[untyped-decorator]
def work() -> None:
    """Work on what is due for some seconds, and wake the next worker when more is due."""
    if search.run_due(clock.now) and _is_due():
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
    return DuplicateSearch.objects.filter(DuplicateSearch.due(clock.now())).exists()


def wake() -> None:
    """Wake a worker now. A broker that is away costs nothing but time: the sweep finds the row."""
    try:
        work.apply_async(ignore_result=True, retry=False)
    except OperationalError:
        log.warning("no broker: the next sweep starts the search for duplicates")
