"""The slices of a file whose rows are no people: try them, then write them, each in one short transaction."""

from django.db import transaction

from contacts.imports import stage
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.imports.records import writing
from contacts.imports.work_file import Clock

RECORD_ROWS = 50  # rows of orders and events written in one transaction, by the functions that pages call


def preview_slice(job: ImportJob, plan: Plan, clock: Clock) -> bool:
    """Write the next records and take them back: what would be new, changed or refused is known by trying."""
    upto = stage.range_end(job, job.merged_line, RECORD_ROWS)
    if upto == job.merged_line:
        job.finish(step=Step.CHECKED, merged_line=0)
        return False
    with transaction.atomic():
        with transaction.atomic():
            done = writing.write(job, plan, job.merged_line, upto, clock())
            transaction.set_rollback(True)
        stage.copy_refusals(job, done.refusals)
        counted = {"new": done.counts["new"], "changed": done.counts["changed"], "unchanged": done.counts["same"]}
        totals = {name: job.preview[name] + number for name, number in counted.items()}
        job.renew(clock(), preview={**job.preview, **totals}, merged_line=upto)
    return True


def merge_slice(job: ImportJob, plan: Plan, clock: Clock) -> bool:
    upto = stage.range_end(job, job.merged_line, RECORD_ROWS)
    if upto == job.merged_line:
        job.finish(step=Step.FINISHED, finished_at=clock())
        return False
    with transaction.atomic():
        done = writing.write(job, plan, job.merged_line, upto, clock())
        lines = [refusal[0] for refusal in done.refusals]
        job.refusals.filter(line__in=lines, code__in=[refusal[2] for refusal in done.refusals]).delete()
        stage.copy_refusals(job, done.refusals)
        job.renew(
            clock(),
            merged_line=upto,
            rows_new=job.rows_new + done.counts["new"],
            rows_changed=job.rows_changed + done.counts["changed"],
            rows_unchanged=job.rows_unchanged + done.counts["same"],
        )
    return True
