"""Verbs on taking an import back: whether it may be, start, and the work, one piece of a range after another."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.imports import jobs, undo
from contacts.imports.errors import BadPlan
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.imports.records import reversal as records
from contacts.imports.work_file import Clock, WorkFile
from contacts.ledger.giving_way import give_way
from crm.kit.work import WorkState


def may_be_undone(job: ImportJob, now: datetime) -> bool:
    """Tell whether there is something left to undo, and time for it."""
    over = job.step in (Step.FINISHED, Step.UNDOING) or job.state == WorkState.CANCELLED
    young = job.finished_at is not None and job.finished_at > now - timedelta(days=undo.DAYS)
    return bool(over and not job.is_working and young and job.step != Step.UNDONE and job.ranges.exists())


def start_undo(job: ImportJob, *, now: datetime) -> None:
    """Have the import taken back, newest range first. Raises BadPlan when it is too late, or under way."""
    if not may_be_undone(job, now):
        raise BadPlan(_("This import can no longer be undone."))
    of = sum(map(_pieces, job.ranges.values_list("made", "records")))
    if job.step == Step.UNDOING:
        jobs.move(job, Step.UNDOING, now)
        return
    jobs.move(job, Step.UNDOING, now, undone={"of": of, "ranges": 0, **asdict(undo.Undone())})


def _pieces(kept: tuple[list[int], dict[str, Any]]) -> int:
    made, did = kept
    return 1 + -(-len(made) // undo.AT_ONCE) + -(-len(did.get("orders", [])) // records.AT_ONCE)


def undo_slice(job: ImportJob, plan: Plan, _file: WorkFile, clock: Clock) -> bool:
    """Undo the next piece and return whether more is to do."""
    row = job.ranges.order_by("-upto").first()
    if row is None:
        job.finish(step=Step.UNDONE, finished_at=job.finished_at)
        return False
    give_way()
    with transaction.atomic():
        if records.has_orders(row):
            done = records.remove_orders(row, clock())
        elif row.made:
            done, _all = undo.remove_made(row)
        elif row.records:
            done = records.undo(row, clock())
            row.delete()
        else:
            done = undo.undo(row, plan.list_id, job.created_by_id, clock())
            row.delete()
        numbers = {name: job.undone.get(name, 0) + more for name, more in asdict(done).items()}
        job.renew(clock(), undone={**job.undone, **numbers, "ranges": job.undone.get("ranges", 0) + 1})
    return True
