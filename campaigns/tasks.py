"""The Celery tasks of campaigns, where Celery looks for them."""

from campaigns.sending.tasks import freeze, send, sweep

__all__ = ["freeze", "send", "sweep"]
