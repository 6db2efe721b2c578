"""The nightly care of the ledger: proof that every event has its contact, and forgetting of old keys."""

import logging

from celery import shared_task

from contacts.ledger.integrity import lost_events
from contacts.ledger.retention import forget_keys
from crm.kit import clock

logger = logging.getLogger(__name__)


@shared_task(name="contacts.ledger.nightly")  # type: ignore[untyped-decorator]  # celery has no types
def nightly() -> None:
    """Log an error for each contact that events speak of but that is not there; forget old keys and verdicts."""
    for lost in lost_events():
        logger.error("contact %s does not exist but has %s events", lost.contact_id, lost.events)
    forget_keys(clock.now())
