"""The Celery app: wake-ups only. Loaded by crm.runtime so that `crm` itself stays importable by all."""

import gc
import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

# Every timed wake-up, one line each: the task's name, and the seconds between two calls or a crontab (UTC).
# The task is a @shared_task(name=…) of the app that does the work; a name that no app registers fails a test.
WAKE_UPS: dict[str, float | crontab] = {
    "api.nightly": crontab(hour=18, minute=45),
    "contacts.acts.sweep": settings.SWEEP_SECONDS,
    "contacts.acts.nightly": crontab(hour=18, minute=35),
    "contacts.attributes.sweep": settings.SWEEP_SECONDS,
    "contacts.attributes.work": crontab(hour=18, minute=45),  # drops the index of an attribute that was deleted
    "contacts.exports.sweep": settings.SWEEP_SECONDS,
    "contacts.exports.nightly": crontab(hour=18, minute=36),
    "contacts.hooks.deliver": settings.SWEEP_SECONDS,
    "contacts.hooks.nightly": crontab(hour=18, minute=25),
    "contacts.imports.sweep": settings.SWEEP_SECONDS,
    "contacts.imports.fetch": 60.0,
    "contacts.imports.nightly": crontab(hour=18, minute=40),
    "contacts.duplicates.sweep": settings.SWEEP_SECONDS,
    "contacts.duplicates.nightly": crontab(hour=17, minute=40),
    "contacts.habits.rank_buyers": crontab(hour=19, minute=10),
    "contacts.ledger.nightly": crontab(hour=18, minute=20),  # 03:20 in Korea
    "contacts.ledger.retain": crontab(hour=19, minute=20),
    "contacts.segments.nightly": crontab(hour=15, minute=10),  # 00:10 in Korea
    "contacts.segments.sweep": settings.SWEEP_SECONDS,
    "contacts.privacy.nightly": crontab(hour=18, minute=30),
    "contacts.privacy.sweep": settings.SWEEP_SECONDS,
    "contacts.opt_in.sweep": settings.SWEEP_SECONDS,
    "demo.sweep": settings.SWEEP_SECONDS,
    "home.sweep": settings.SWEEP_SECONDS,
    "home.health": settings.SWEEP_SECONDS,
    "campaigns.sweep": settings.SWEEP_SECONDS,
    "campaigns.notices.sweep": settings.SWEEP_SECONDS,
    "campaigns.notices.nightly": crontab(hour=0, minute=30),  # 09:30 in Korea: reminders leave by day
    "campaigns.webhooks": settings.SWEEP_SECONDS,
    "team.notices": settings.SWEEP_SECONDS,
    "team.notices_nightly": crontab(hour=18, minute=55),
    "journeys.calls": settings.SWEEP_SECONDS,
    "journeys.calls_nightly": crontab(hour=18, minute=50),
    "journeys.sweep": settings.SWEEP_SECONDS,
    "journeys.rehearsal.sweep": settings.SWEEP_SECONDS,
}


def spare_the_collector(**_: object) -> None:
    """Take what start-up made out of Python's search for garbage: it took a quarter of a sending worker's time."""
    gc.freeze()


worker_process_init.connect(spare_the_collector)

app = Celery("wayfare")
app.conf.update(
    broker_connection_retry_on_startup=True,
    # A page that wakes work must not hang while the broker is away: the sweep makes up for it.
    broker_transport_options={"max_retries": 1, "interval_start": 0, "interval_step": 0.05, "interval_max": 0.1},
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    task_default_queue="wayfare",
    enable_utc=True,
    timezone="UTC",
    beat_schedule={
        name: {
            "task": name,
            "schedule": every,
            # A wake-up that waited for a whole period is worth nothing: the next one does its work.
            "options": {"expires": every} if isinstance(every, float) else {},
        }
        for name, every in WAKE_UPS.items()
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
