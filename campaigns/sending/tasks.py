"""Celery's doors to the send queue: short, may run twice, carry an id at most. The sweep makes up for lost ones."""

import time

from celery import shared_task

from campaigns.campaign import freeze as freezing
from campaigns.campaign import launch
from campaigns.campaign.wake import FREEZE, SEND, wake_freeze, wake_send
from campaigns.sending import dispatches, trackable
from campaigns.sending.models import Dispatch, DispatchState
from campaigns.sending.units import anything_due
from campaigns.sending.worker import Worker
from crm.kit.clock import now

BUDGET = 10.0  # seconds a task works before it makes room; also how long a stop takes at most
WORKERS = 2


@shared_task(name=FREEZE, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def freeze(dispatch_id: int) -> None:
    """Freeze a launched audience, then have it sent."""
    if freezing.freeze(dispatch_id, now):
        for _ in range(WORKERS):
            wake_send()


@shared_task(name=SEND, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def send() -> None:
    """Work on what is due for some seconds; where something is left, ask for another turn."""
    end = time.monotonic() + BUDGET
    with Worker(now) as worker:
        worker.work(lambda: time.monotonic() >= end)
    if time.monotonic() >= end and anything_due(now()):
        wake_send()


@shared_task(name="campaigns.sweep", ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def sweep() -> None:
    """Start again whatever is due: scheduled launches, half-frozen audiences, chunks and retries."""
    launch.launch_due(now())
    for dispatch_id in Dispatch.objects.filter(state=DispatchState.FREEZING).values_list("pk", flat=True):
        wake_freeze(dispatch_id)
    dispatches.close_finished(now())
    trackable.store()
    if anything_due(now()):
        for _ in range(WORKERS):
            wake_send()
