"""The Celery tasks of campaigns, where Celery looks for them."""

from campaigns.sending.tasks import freeze, send, sweep
from campaigns.webhooks.tasks import webhooks

__all__ = ["freeze", "send", "sweep", "webhooks"]
