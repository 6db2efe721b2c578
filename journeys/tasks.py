"""Celery looks for tasks here; each noun keeps its own."""

from journeys.engine.tasks import run, sweep
from journeys.rehearsal.tasks import rehearse
from journeys.rehearsal.tasks import sweep as sweep_rehearsals

__all__ = ["rehearse", "run", "sweep", "sweep_rehearsals"]
