"""The wake-up of the worker that calls; by name, so that nobody needs the tasks themselves."""

from crm.kit.wake import wake_once_committed

DELIVER = "contacts.hooks.deliver"


def wake() -> None:
    """Wake a worker once the running transaction is committed; a lost wake-up waits for the sweep."""
    wake_once_committed(DELIVER)
