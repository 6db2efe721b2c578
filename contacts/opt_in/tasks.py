"""Celery's wake-ups for confirmation mails: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.opt_in import mailing
from contacts.opt_in.models import OptIn
from crm.kit import clock
from crm.kit import wake as waking

WORK = "contacts.opt_in.work"


@shared_task(name=WORK, ignore_result=True)  # type: ignore[untyped-decorator]
def work() -> None:
    """Send the confirmation mails that are due."""
    mailing.send_due(clock.now)


@shared_task(name="contacts.opt_in.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker for a mail whose wake-up was lost, or that is due once more."""
    if OptIn.objects.filter(OptIn.due(clock.now())).exists():
        wake()


def wake() -> None:
    """Wake a worker now."""
    waking.wake(WORK)
