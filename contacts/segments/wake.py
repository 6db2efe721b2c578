"""Waking a worker when segments have work; a broker that is away costs nothing but time: the sweep finds the rows."""

import logging
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
TASK = "contacts.segments.work"


def wake(after: timedelta = timedelta()) -> None:
    """Wake a worker once the running transaction is committed, or some seconds after that."""
    transaction.on_commit(partial(_send, after))


def _send(after: timedelta) -> None:
    try:
        current_app.send_task(TASK, countdown=after.total_seconds() or None, ignore_result=True, retry=False)
    except OperationalError:
        log.warning("no broker: the next sweep finds the work on segments")
