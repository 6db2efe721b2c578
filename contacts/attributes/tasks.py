"""Celery's wake-ups for the indexes of attributes: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.attributes import sorting
from crm.kit import clock


@shared_task(name=sorting.TASK)  # type: ignore[untyped-decorator]  # celery has no types
def work() -> None:
    """Make and drop indexes until they are as asked for."""
    sorting.arrange(clock.now())


@shared_task(name="contacts.attributes.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Do what a lost wake-up left."""
    if sorting.is_waiting():
        work.delay()
