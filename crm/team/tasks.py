"""Celery's wake-ups for notices: no arguments, harmless to repeat."""

import logging

from celery import current_app, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from crm.kit import clock
from crm.team import notices

log = logging.getLogger(__name__)
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
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(MAIL, retry=False)
    except OperationalError:
        log.warning("no broker: the next sweep mails the notices")
