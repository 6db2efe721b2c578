"""Celery's doors to the engine: no arguments, harmless to repeat. All that is to be done stands in rows."""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime

from celery import shared_task
from django.db import connection
from django.db.backends.utils import CursorWrapper

from crm.kit import clock
from crm.team import hold
from journeys.engine import entering, moving, running, timing
from journeys.engine.wake import RUN, SLOTS, wake
from journeys.engine.waking import anything_due, wake_touched

BUDGET = 10.0  # seconds a task works before it makes room; also how long a stop takes at most
TURN = 1.0  # seconds of steps before others come in
WORKERS = 2  # that run journeys at one time


def work(now: datetime) -> int:
    """Do what is due at `now`, each sort of work for about a second at most; return how much was done.

    Who is through with a journey by then may come in again, so that steps come before admissions.
    """
    done = moving.move_people(now) + timing.ask_due(now) + moving.start_existing(now) + wake_touched(now)
    return done + running.run_due(now, seconds=TURN) + entering.admit(now)


@shared_task(name=RUN, ignore_result=True)  # type: ignore[untyped-decorator]  # celery has no types
def run() -> None:
    """Work on what is due for some seconds; where something is left, ask for another turn."""
    if hold.is_held():
        return
    end = time.monotonic() + BUDGET
    with _slot() as mine:
        if not mine:
            return
        while work(clock.now()) and time.monotonic() < end:
            pass
    if anything_due(clock.now()):
        wake()


@shared_task(name="journeys.sweep", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Wake a worker when something is due whose wake-up was lost, or whose worker was killed."""
    if anything_due(clock.now()):
        wake()


@contextlib.contextmanager
def _slot() -> Iterator[bool]:
    """Be one of the few workers that run journeys, for a block; False when there are enough."""
    with connection.cursor() as cursor:
        taken = next((slot for slot in range(WORKERS) if _try(cursor, slot)), None)
    try:
        yield taken is not None
    finally:
        if taken is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SLOTS, taken])


def _try(cursor: CursorWrapper, slot: int) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SLOTS, slot])
    return bool(cursor.fetchone()[0])
