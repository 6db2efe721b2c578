"""The nightly care of the ledger: proof that every event has its contact, forgetting of old keys and old months."""

import logging

from celery import shared_task
from django.conf import settings

from contacts.ledger.integrity import lost_events
from contacts.ledger.retention import CannotDrop, forget_keys, retain
from crm.kit import clock

logger = logging.getLogger(__name__)


@shared_task(name="contacts.ledger.nightly")  # type: ignore[untyped-decorator]  # celery has no types
def nightly() -> None:
    """Log an error for each contact that events speak of but that is not there; forget old keys and verdicts."""
    for lost in lost_events():
        logger.error("contact %s does not exist but has %s events", lost.contact_id, lost.events)
    forget_keys(clock.now())


@shared_task(name="contacts.ledger.retain")  # type: ignore[untyped-decorator]  # celery has no types
def retain_months() -> None:
    """Fold and drop the months before the last LEDGER_MONTHS; 0 keeps all. What cannot go tonight goes later."""
    if not settings.LEDGER_MONTHS:
        return
    try:
        for table in retain(clock.now(), settings.LEDGER_MONTHS):
            logger.info("the events of %s were folded and dropped", table)
    except CannotDrop as reason:
        logger.warning("old months stay for tonight: %s", reason)
