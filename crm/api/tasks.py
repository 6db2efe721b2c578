"""Celery's wake-up for the API: no arguments, harmless to repeat."""

from celery import shared_task

from crm.api import once
from crm.kit import clock


@shared_task(name="api.nightly", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def nightly() -> None:
    """Forget answers that are too old to be repeated."""
    once.forget(clock.now())
