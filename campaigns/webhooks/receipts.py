"""Keeping raw posts and working them off. Called by the webhook page, and by Celery."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from campaigns.webhooks import providers
from campaigns.webhooks.fold import fold
from campaigns.webhooks.models import WebhookReceipt

logger = logging.getLogger(__name__)

AT_ONCE = 50


def keep(provider: str, body: bytes, content_type: str, now: datetime) -> bool:
    """Store a checked post, to be worked off; False when the very same was there before."""
    digest = hashlib.sha256(provider.encode() + b"\0" + body).hexdigest()
    receipt = WebhookReceipt(
        provider=provider, digest=digest, content_type=content_type[:200], body=body, received_at=now, due_at=now
    )
    before = WebhookReceipt.objects.filter(digest=digest).exists()
    WebhookReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
    return not before


def work_off(clock: Callable[[], datetime]) -> int:
    """Fold what is due into the ledger, each receipt in its own transaction; return how many were claimed."""
    receipts = WebhookReceipt.claim(clock(), limit=AT_ONCE)
    for receipt in receipts:
        try:
            _work_on(receipt, clock())
        except Exception as error:  # the outermost loop: one broken post must not hold up the others
            logger.exception("webhook %d of %s", receipt.pk, receipt.provider)
            receipt.try_again(error, clock())
    return len(receipts)


def _work_on(receipt: WebhookReceipt, now: datetime) -> None:
    told = providers.events(receipt.provider, bytes(receipt.body), receipt.content_type)
    with transaction.atomic():
        unknown = fold(told, receipt.provider, receipt.received_at, now)
        if not unknown:
            receipt.finish()
    if unknown:
        receipt.try_again(f"{unknown} of {len(told)} events are of mails not known yet", now)
