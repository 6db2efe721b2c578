"""The Celery app: wake-ups only. Loaded by crm.runtime so that `crm` itself stays importable by all."""

from celery import Celery

app = Celery("wayfare")
app.conf.update(
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    task_default_queue="wayfare",
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
