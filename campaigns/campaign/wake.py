"""Wake-ups of campaigns, after a commit."""

from crm.kit.wake import wake_once_committed

FREEZE = "campaigns.freeze"
SEND = "campaigns.send"
WEBHOOKS = "campaigns.webhooks"


def wake_freeze(dispatch_id: int) -> None:
    """Have the dispatch's audience frozen once the running transaction is committed."""
    wake_once_committed(FREEZE, dispatch_id)


def wake_send() -> None:
    """Have a worker look for due work once the running transaction is committed."""
    wake_once_committed(SEND)


def wake_webhooks() -> None:
    """Have a worker fold stored webhooks once the running transaction is committed."""
    wake_once_committed(WEBHOOKS)
