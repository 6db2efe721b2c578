"""Celery looks for tasks here; each noun keeps its own."""

from journeys.calls.tasks import calls
from journeys.calls.tasks import nightly as forget_calls
from journeys.engine.tasks import run, sweep
from journeys.rehearsal.tasks import rehearse
from journeys.rehearsal.tasks import sweep as sweep_rehearsals

__all__ = ["calls", "forget_calls", "rehearse", "run", "sweep", "sweep_rehearsals"]
