"""Celery's wake-up for health: no arguments, harmless to repeat."""

from celery import shared_task

from crm.home.health import alarms, heartbeats
from crm.kit import clock

LOOK = "home.health"


@shared_task(name=LOOK, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def look() -> None:
    """Write that the clock lives, since it alone sends this, and look at the alarms."""
    now = clock.now()
    heartbeats.note(heartbeats.CLOCK, heartbeats.CLOCK, now)
    alarms.look(now)
    heartbeats.forget(now)
