"""Wake-ups for workers. What is to be done stands in rows: a broker that is away costs no more than the next sweep."""

import logging
from datetime import timedelta
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: str, *arguments: int, after: timedelta | None = None, expires: float | None = None) -> bool:
    """Have a worker run the task now, or `after` a while; return whether the broker took it.

    `expires`: seconds after which the wake-up is worth nothing.
    """
    countdown = after.total_seconds() or None if after else None
    try:
        current_app.send_task(
            task, args=arguments, countdown=countdown, expires=expires, ignore_result=True, retry=False
        )
    except OperationalError as error:
        logger.warning("broker away, %s waits for the sweep: %s", task, error)
        return False
    return True


def wake_once_committed(task: str, *arguments: int, after: timedelta | None = None) -> None:
    """Do so once the running transaction is committed, or at once when there is none."""
    transaction.on_commit(partial(wake, task, *arguments, after=after))
