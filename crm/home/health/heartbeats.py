"""Signs of life: workers, the clock and the follow process each write a row every few seconds.

Workers write it with their tasks, the follow process in its tick, the clock by the task that it alone sends.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from contacts.ledger.ticks import Tick
from crm.home.models import Heartbeat

EVERY = 10.0  # seconds between two rows of one process at least
FORGOTTEN = timedelta(days=2)  # a process that was taken away for good
FOLLOW, CLOCK, WORKER = "follow", "clock", "worker"
_WRITE = """
INSERT INTO home_heartbeat (name, role, at, since) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at
"""


def note(name: str, role: str, now: datetime) -> None:
    """Write that a process lives."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [name[:120], role, now, now])


def all_of_them() -> list[Heartbeat]:
    """Return the last sign of every process, by role and name."""
    return list(Heartbeat.objects.order_by("role", "name"))


def forget(now: datetime) -> int:
    """Delete the rows of processes that are gone for good, and return how many."""
    gone, _each = Heartbeat.objects.filter(at__lt=now - FORGOTTEN).delete()
    return gone


@dataclass
class Pace:
    """Lets something happen every `every` seconds of this process at most."""

    every: float
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0

    def due(self) -> bool:
        """Tell whether it is time, and if so count from now on."""
        now = self.clock()
        if now < self._next:
            return False
        self._next = now + self.every
        return True


_OF_FOLLOW = Pace(EVERY)


def _beat(now: datetime) -> int:
    if _OF_FOLLOW.due():
        note(FOLLOW, FOLLOW, now)
    return 0


HEARTBEAT = Tick("health.heartbeat", _beat)
