"""Celery's signals: each job has its id in the log, and a worker that does jobs gives signs of life."""

import logging
import logging.config
from typing import Any

from celery import Task
from celery.signals import setup_logging, task_postrun, task_prerun
from django.conf import settings
from django.db import DatabaseError

from crm.home.health.heartbeats import EVERY, WORKER, Pace, note
from crm.kit import clock
from crm.kit.logs import CONTEXT

logger = logging.getLogger(__name__)
_PACE = Pace(EVERY)


def connect() -> None:
    """Connect all of them; harmless to repeat."""
    task_prerun.connect(_begin, dispatch_uid="health")
    task_postrun.connect(_end, dispatch_uid="health")
    setup_logging.connect(_configure, dispatch_uid="health")


def _configure(**_kwargs: Any) -> None:
    """Keep Celery from setting up logs of its own: Django did it when it was set up."""
    logging.config.dictConfig(settings.LOGGING)


def _begin(task_id: str = "", task: Task | None = None, **_kwargs: Any) -> None:
    CONTEXT.set({"job": task_id, "task": task.name if task else "-"})


def _end(task: Task | None = None, **_kwargs: Any) -> None:
    CONTEXT.set({})
    host = getattr(getattr(task, "request", None), "hostname", None)
    if host is None or not _PACE.due():
        return  # called in this process, without a worker
    try:
        note(host, WORKER, clock.now())
    except DatabaseError as error:
        logger.warning("no sign of life written: %s", type(error).__name__)
