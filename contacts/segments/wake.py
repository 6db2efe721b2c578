"""Waking a worker when segments have work; a broker that is away costs nothing but time: the sweep finds the rows."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
TASK = "contacts.segments.work"


def wake() -> None:
    """Wake a worker once the running transaction is committed."""
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(TASK, ignore_result=True, retry=False)
    except OperationalError:
        log.warning("no broker: the next sweep finds the work on segments")
