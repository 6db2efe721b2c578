"""The Celery tasks of campaigns, where Celery looks for them."""

from campaigns.notices.tasks import nightly as notices_nightly
from campaigns.notices.tasks import sweep as notices_sweep
from campaigns.sending.tasks import freeze, send, sweep
from campaigns.webhooks.tasks import webhooks

__all__ = ["freeze", "notices_nightly", "notices_sweep", "send", "sweep", "webhooks"]
