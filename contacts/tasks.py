"""All tasks of contacts, gathered for Celery's discovery; each noun keeps its own in its package."""

from contacts.acts.tasks import nightly as nightly_acts
from contacts.acts.tasks import sweep as sweep_acts
from contacts.acts.tasks import work as work_on_acts
from contacts.attributes.tasks import sweep as sweep_attributes
from contacts.attributes.tasks import work as work_on_attributes
from contacts.duplicates.tasks import nightly as nightly_duplicates
from contacts.duplicates.tasks import sweep as sweep_duplicates
from contacts.duplicates.tasks import work as work_duplicates
from contacts.exports.tasks import nightly as nightly_exports
from contacts.exports.tasks import sweep as sweep_exports
from contacts.exports.tasks import work as work_on_exports
from contacts.habits.tasks import rank_buyers
from contacts.hooks.tasks import deliver as deliver_hooks
from contacts.hooks.tasks import nightly as nightly_hooks
from contacts.imports.tasks import sweep, work
from contacts.ledger.tasks import nightly
from contacts.opt_in.tasks import sweep as sweep_opt_ins
from contacts.opt_in.tasks import work as work_on_opt_ins
from contacts.privacy.tasks import nightly as nightly_privacy
from contacts.privacy.tasks import sweep as sweep_erasures
from contacts.privacy.tasks import work as work_on_erasures
from contacts.segments.tasks import nightly as nightly_segments
from contacts.segments.tasks import sweep as sweep_segments
from contacts.segments.tasks import work as work_on_segments

__all__ = [
    "deliver_hooks",
    "nightly",
    "nightly_acts",
    "nightly_duplicates",
    "nightly_exports",
    "nightly_hooks",
    "nightly_privacy",
    "nightly_segments",
    "rank_buyers",
    "sweep",
    "sweep_acts",
    "sweep_attributes",
    "sweep_duplicates",
    "sweep_erasures",
    "sweep_exports",
    "sweep_opt_ins",
    "sweep_segments",
    "work",
    "work_duplicates",
    "work_on_acts",
    "work_on_attributes",
    "work_on_erasures",
    "work_on_exports",
    "work_on_opt_ins",
    "work_on_segments",
]
