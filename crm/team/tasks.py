"""Celery's wake-ups for notices: no arguments, harmless to repeat."""

from celery import shared_task

from crm.kit import clock
from crm.kit.wake import wake_once_committed
from crm.team import notices

MAIL = "team.notices"


@shared_task(name=MAIL, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def mail() -> None:
    """Mail the notices that are due."""
    notices.mail_due(clock.now)


@shared_task(name="team.notices_nightly", ignore_result=True)  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget what was told long ago."""
    notices.forget(clock.now())


def wake() -> None:
    """Wake a worker once the running transaction is committed; a lost wake-up waits for the sweep."""
    wake_once_committed(MAIL)
