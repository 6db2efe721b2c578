"""Deliveries made once more by hand: one, or those of a range of time."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.hooks.kept import KEPT
from contacts.hooks.models import Hook, HookDelivery
from contacts.hooks.wake import wake
from crm.kit.work import WorkState

MOST = 10_000  # deliveries at once
_OVER = (WorkState.DONE, WorkState.FAILED)


def replay(delivery: HookDelivery, *, now: datetime) -> bool:
    """Make one delivery again and return whether it was over; one that still waits is left alone."""
    return bool(_again(Q(pk=delivery.pk), now))


def replay_range(hook: Hook, since: datetime, until: datetime, *, only_failed: bool, now: datetime) -> int:
    """Make all deliveries of [since, until) again and return how many. Raises Invalid; nothing is changed then."""
    if not since < until:
        raise Invalid({"until": _("The end lies after the beginning.")})
    if since < now - KEPT:
        raise Invalid({"since": _("Deliveries are kept for %(days)d days.") % {"days": KEPT.days}})
    wanted = Q(hook=hook, made_at__gte=since, made_at__lt=until)
    if only_failed:
        wanted &= Q(state=WorkState.FAILED)
    found = HookDelivery.objects.filter(wanted, test=False, state__in=_OVER)[: MOST + 1].count()
    if found > MOST:
        raise Invalid({"until": _("These are more than %(most)d deliveries. Choose less time.") % {"most": MOST}})
    return _again(wanted, now)


@transaction.atomic
def _again(wanted: Q, now: datetime) -> int:
    rows = HookDelivery.objects.filter(wanted, test=False, state__in=_OVER)
    count = rows.update(
        state=WorkState.READY, due_at=now, attempts=0, last_error="", lease_until=None, replayed_at=now
    )  # fmt: skip
    wake()
    return count
