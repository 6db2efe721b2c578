"""All tasks of contacts, gathered for Celery's discovery; each noun keeps its own in its package."""

from contacts.imports.tasks import sweep, work
from contacts.ledger.tasks import nightly
from contacts.segments.tasks import sweep as sweep_segments
from contacts.segments.tasks import work as work_on_segments

__all__ = ["nightly", "sweep", "sweep_segments", "work", "work_on_segments"]
