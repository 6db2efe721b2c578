"""All tasks of contacts, gathered for Celery's discovery; each noun keeps its own in its package."""

from contacts.imports.tasks import sweep, work
from contacts.ledger.tasks import nightly

__all__ = ["nightly", "sweep", "work"]
