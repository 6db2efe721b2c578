"""The work on imports: claim one that is due, and do slice after slice for some seconds.

A slice is one short transaction that ends with the job's progress, written under its fencing number: after a kill the
next worker goes on behind the last slice, and a worker that lost its lease, or whose job was cancelled, leaves nothing.
"""

from datetime import datetime, timedelta

from contacts.imports import jobs, merge
from contacts.imports.dry_run import check_slice
from contacts.imports.errors import BadPlan
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.imports.ranges import merge_slice
from contacts.imports.reversal import undo_slice
from contacts.imports.work_file import Clock, WorkFile

_SLICES = {Step.CHECKING: check_slice, Step.UNDOING: undo_slice}


def run_due(clock: Clock, *, seconds: float = 20.0) -> bool:
    """Claim one import that is due and work on it for about `seconds`; return whether there was one."""
    until = clock() + timedelta(seconds=seconds)
    return ImportJob.do_next(clock, lambda job: _run(job, clock, until), refused=(BadPlan,))


def _run(job: ImportJob, clock: Clock, until: datetime) -> None:
    plan = Plan.from_json(job.plan)
    work = _SLICES.get(Step(job.step), merge_slice)
    if job.step == Step.RUNNING:
        merge.prepare()
    with WorkFile(job) as file:
        while work(job, plan, file, clock):
            if clock() >= until:
                job.retry(clock(), attempts=0)
                return
    if job.step == Step.FINISHED:
        jobs.tidy(job)
    elif job.step == Step.CHECKED and job.source_id is not None:
        jobs.start(job, now=clock())  # fetched from an address: nobody waits for it
