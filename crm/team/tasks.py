"""Celery's wake-ups for notices: no arguments, harmless to repeat."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from crm.kit import clock
from crm.kit.wake import wake_once_committed
from crm.team import notices
from crm.team.sign_ins import entry
from crm.team.trail import record

MAIL = "team.notices"


@shared_task(name=MAIL, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def mail() -> None:
    """Mail the notices that are due."""
    notices.mail_due(clock.now)


@shared_task(name="team.notices_nightly", ignore_result=True)  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget what was told long ago, and what the trail has kept for TRAIL_MONTHS."""
    now = clock.now()
    notices.forget(now)
    entry.forget(now)
    if settings.TRAIL_MONTHS:
        record.forget(now - timedelta(days=settings.TRAIL_MONTHS * 31))


def wake() -> None:
    """Wake a worker once the running transaction is committed; a lost wake-up waits for the sweep."""
    wake_once_committed(MAIL)
