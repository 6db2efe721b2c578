"""How long deliveries and their events are kept, and their deletion in ranges: no transaction lasts long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from contacts.hooks.models import HookDelivery, HookEvent

KEPT = timedelta(days=14)
_AT_ONCE = 2_000  # deliveries
_EVENTS_AT_ONCE = 10_000


def forget(now: datetime) -> int:
    """Delete what was delivered, or waited, long ago, and return how many deliveries."""
    clear_events(Q(delivery=None, noted_at__lt=now - KEPT))
    return clear_deliveries(Q(made_at__lt=now - KEPT))


def clear_events(which: Q) -> int:
    """Delete these events and return how many."""
    gone = 0
    while ids := list(HookEvent.objects.filter(which).values_list("pk", flat=True)[:_EVENTS_AT_ONCE]):
        gone += HookEvent.objects.filter(pk__in=ids).delete()[0]
    return gone


def clear_deliveries(which: Q) -> int:
    """Delete these deliveries with their events and return how many."""
    gone = 0
    while ids := list(HookDelivery.objects.filter(which).values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            HookEvent.objects.filter(delivery_id__in=ids).delete()
            gone += HookDelivery.objects.filter(pk__in=ids).delete()[0]
    return gone
