"""Celery looks for tasks here; each noun keeps its own."""

from journeys.engine.tasks import run, sweep

__all__ = ["run", "sweep"]
