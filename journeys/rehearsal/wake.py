"""Waking a worker for rehearsals; the sweep makes up for a lost wake-up."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
REHEARSE = "journeys.rehearse"


def wake_rehearsal() -> None:
    """Have a worker look for rehearsals once the running transaction is committed."""
    transaction.on_commit(_send)


def _send() -> None:
    try:
        current_app.send_task(REHEARSE, retry=False)
    except OperationalError as error:
        logger.warning("broker away, rehearsals wait for the sweep: %s", error)
