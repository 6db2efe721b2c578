"""Celery's door to stored webhooks: short, may run twice. Woken by a post and by the sweep."""

from celery import shared_task

from campaigns.campaign.wake import WEBHOOKS, wake_webhooks
from campaigns.webhooks.receipts import AT_ONCE, work_off
from crm.kit.clock import now


@shared_task(name=WEBHOOKS, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def webhooks() -> None:
    """Fold some stored webhooks; where more wait, ask for another turn."""
    if work_off(now) == AT_ONCE:
        wake_webhooks()
