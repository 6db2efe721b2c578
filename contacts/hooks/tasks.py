"""Celery's doors to the webhooks: no arguments, harmless to repeat."""

import time

from celery import shared_task

from contacts.hooks.delivering import deliver_due
from contacts.hooks.kept import forget
from contacts.hooks.models import HookDelivery, HookState
from contacts.hooks.wake import DELIVER
from crm.kit import clock
from crm.kit.wake import wake
from crm.team import hold

BUDGET = 10.0  # seconds a task works before it makes room


@shared_task(name=DELIVER, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def deliver() -> None:
    """Make the calls that are due."""
    if hold.is_held():
        return
    end = time.monotonic() + BUDGET
    deliver_due(clock.now, until=lambda: time.monotonic() >= end)
    if time.monotonic() >= end and _more():
        wake(DELIVER)


def _more() -> bool:
    return HookDelivery.objects.filter(HookDelivery.due(clock.now()), hook__state=HookState.ACTIVE).exists()


@shared_task(name="contacts.hooks.nightly", ignore_result=True)  # type: ignore[untyped-decorator]
def nightly() -> None:
    """Forget what was delivered long ago."""
    forget(clock.now())
