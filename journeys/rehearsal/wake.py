"""Waking a worker for rehearsals."""

from crm.kit.wake import wake_once_committed

REHEARSE = "journeys.rehearse"


def wake_rehearsal() -> None:
    """Have a worker look for rehearsals once the running transaction is committed."""
    wake_once_committed(REHEARSE)
