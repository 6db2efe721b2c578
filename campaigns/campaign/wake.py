"""Wake-ups after a commit. A lost one costs no more than the wait for the next sweep."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

FREEZE = "campaigns.freeze"
SEND = "campaigns.send"
WEBHOOKS = "campaigns.webhooks"


def wake_freeze(dispatch_id: int) -> None:
    """Have the dispatch's audience frozen once the running transaction is committed."""
    transaction.on_commit(lambda: _wake(FREEZE, dispatch_id))


def wake_send() -> None:
    """Have a worker look for due work once the running transaction is committed."""
    transaction.on_commit(lambda: _wake(SEND))


def wake_webhooks() -> None:
    """Have a worker fold stored webhooks once the running transaction is committed."""
    transaction.on_commit(lambda: _wake(WEBHOOKS))


def _wake(task: str, *arguments: int) -> None:
    try:
        current_app.send_task(task, args=arguments, retry=False)
    except OperationalError as error:
        logger.warning("broker away, %s waits for the sweep: %s", task, error)
