"""Waking a worker when people are to be erased."""

from crm.kit.wake import wake_once_committed

TASK = "contacts.privacy.work"


def wake() -> None:
    """Wake a worker once the running transaction is committed."""
    wake_once_committed(TASK)
