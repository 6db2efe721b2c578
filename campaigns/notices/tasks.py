"""Celery's doors to notices of consent: no arguments, harmless to repeat."""

from celery import shared_task

from campaigns.notices import reminders, sending
from crm.kit.clock import now


@shared_task(name="campaigns.notices.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    """Queue the notices that are due."""
    sending.send_due(now)


@shared_task(name="campaigns.notices.nightly", ignore_result=True)  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Note whom to remind in the next 30 days."""
    reminders.plan(now())
