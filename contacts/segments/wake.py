"""Waking a worker when segments have work."""

from datetime import timedelta

from crm.kit.wake import wake_once_committed

TASK = "contacts.segments.work"


def wake(after: timedelta | None = None) -> None:
    """Wake a worker once the running transaction is committed, or some seconds after that."""
    wake_once_committed(TASK, after=after)
