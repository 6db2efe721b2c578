"""Celery's wake-ups for ranking buyers: no arguments, harmless to repeat."""

from celery import shared_task

from contacts.habits import buyers
from crm.kit import clock
from crm.kit import wake as waking

RANK = "contacts.habits.rank_buyers"


@shared_task(name=RANK)  # type: ignore[untyped-decorator]  # celery has no types
def rank_buyers() -> None:
    """Rank all buyers."""
    buyers.rank(clock.now())


def wake() -> bool:
    """Have buyers ranked soon and return whether a worker could be told; else it happens at night."""
    return waking.wake(RANK)
