"""Celery's wake-ups for ranking buyers: no arguments, harmless to repeat."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from contacts.habits import buyers
from crm.kit import clock

log = logging.getLogger(__name__)


@shared_task(name="contacts.habits.rank_buyers")  # type: ignore[untyped-decorator]  # celery has no types
def rank_buyers() -> None:
    """Rank all buyers."""
    buyers.rank(clock.now())


def wake() -> bool:
    """Have buyers ranked soon and return whether a worker could be told; else it happens at night."""
    try:
        rank_buyers.apply_async(ignore_result=True, retry=False)
    except OperationalError:
        log.warning("no broker: buyers are ranked at night")
        return False
    return True
