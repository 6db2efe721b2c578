"""The merge of an import, range by range, each as wide as a short transaction allows."""

import logging
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from contacts.imports import merge, stage
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.imports.records import writing
from contacts.imports.records.case import Outcome
from contacts.imports.work_file import Clock, WorkFile
from contacts.ledger.giving_way import in_turn

_TRIES = 5
log = logging.getLogger(__name__)


def merge_slice(job: ImportJob, plan: Plan, file: WorkFile, clock: Clock) -> bool:
    """Merge the next range and return whether more is to do."""
    with in_turn(file.pace) as rows:
        return merge_next(job, plan, rows, clock)


def merge_next(job: ImportJob, plan: Plan, rows: int, clock: Clock) -> bool:
    """Merge the next `rows` staged rows, trying again where others made people meanwhile; False when none is left."""
    upto = stage.range_end(job, job.merged_line, rows)
    if upto == job.merged_line:
        job.finish(step=Step.FINISHED, finished_at=clock())
        return False
    for _attempt in range(_TRIES):
        try:
            _merge_range(job, plan, upto, clock())
        except IntegrityError:
            # Somebody made one of these people between the match and the insert: match again.
            log.info("import %s: lines %s-%s again", job.pk, job.merged_line, upto)
        else:
            return True
    _merge_range(job, plan, upto, clock())
    return True


def _merge_range(job: ImportJob, plan: Plan, upto: int, now: datetime) -> None:
    """Merge a range. It need not wait for the disk: what a crash takes back, the place included, is done again."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        done = _write(job, plan, upto, now) if job.has_records else merge.merge(job, plan, job.merged_line, upto, now)
        job.renew(
            now,
            merged_line=upto,
            rows_new=job.rows_new + done.new,
            rows_changed=job.rows_changed + done.changed,
            rows_unchanged=job.rows_unchanged + done.unchanged,
        )


def _write(job: ImportJob, plan: Plan, upto: int, now: datetime) -> merge.Merged:
    """Write the records of a range; what is refused by now, after other rows were written, is listed once."""
    done = writing.write(job, plan, job.merged_line, upto, now)
    lines, codes = ([refusal[place] for refusal in done.refusals] for place in (0, 2))
    job.refusals.filter(line__in=lines, code__in=codes).delete()
    stage.copy_refusals(job, done.refusals)
    writing.note(job, upto, done.trace, now)
    return merge.Merged(done.counts[Outcome.NEW], done.counts[Outcome.CHANGED], done.counts[Outcome.SAME])
