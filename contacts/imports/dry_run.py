"""The check of an import, slice by slice: read and stage the file, weed out, compare with what is there."""

from zoneinfo import ZoneInfo

from django.db import transaction

from contacts.imports import preview, stage
from contacts.imports.fields import attributes_of_people
from contacts.imports.models import ImportJob, Step
from contacts.imports.plan import Plan
from contacts.imports.reader import Record
from contacts.imports.records import writing
from contacts.imports.records.reading import RecordMaker
from contacts.imports.rows import RowMaker
from contacts.imports.work_file import Clock, WorkFile

STAGE_ROWS = 500  # rows read in one transaction: followers wait for it, so some 25 ms
PREVIEW_ROWS = 50_000
JUDGED_ROWS = 2_000  # rows of orders, products and activity looked at in one go


def check_slice(job: ImportJob, plan: Plan, file: WorkFile, clock: Clock) -> bool:
    """Do the next slice of the check and return whether more is to do: read, then weed out, then compare."""
    if job.rows_kept == 0 and job.staged_offset < job.file_size:
        _stage_slice(job, plan, file, clock)
        return True
    if not job.preview:
        _weed_out(job, clock)
        job.renew(clock(), rows_kept=stage.analyze(job), preview=preview.empty())
        return True
    return _preview_slice(job, plan, clock)


def _stage_slice(job: ImportJob, plan: Plan, file: WorkFile, clock: Clock) -> None:
    now = clock()
    zone = ZoneInfo(job.time_zone)
    maker: RowMaker | RecordMaker = (
        RecordMaker(job.kind, plan, job.header, zone, now)
        if job.has_records
        else RowMaker(plan, job.header, attributes_of_people(), zone, now)
    )
    lines: list[str] = []
    last: Record | None = None
    reader, read = file.records(), 0
    for record in reader:
        last, read = record, read + 1
        if (line := maker.make(record)) is not None:
            lines.append(line)
        if read >= STAGE_ROWS:
            break
    with transaction.atomic():
        if lines:
            stage.copy_rows(job, lines)
        if maker.refusals:
            stage.copy_refusals(job, maker.refusals)
        offset = last.end if last and read >= STAGE_ROWS else job.file_size
        line_number = last.next_line - 1 if last else job.staged_line
        job.renew(clock(), staged_offset=offset, staged_line=line_number, rows_read=job.rows_read + read)


def _weed_out(job: ImportJob, clock: Clock) -> None:
    while found := stage.doubtful(job):
        for first in range(0, len(found.lines), STAGE_ROWS):
            with transaction.atomic():
                stage.refuse(job, found, first, first + STAGE_ROWS)
                job.renew(clock())


def _preview_slice(job: ImportJob, plan: Plan, clock: Clock) -> bool:
    if job.has_records:
        return _judge_slice(job, plan, clock)
    upto = stage.range_end(job, job.merged_line, PREVIEW_ROWS)
    if upto > job.merged_line:
        counted = preview.add_range(job, plan, job.preview, job.merged_line, upto)
        job.renew(clock(), preview=counted, merged_line=upto)
        return True
    job.finish(step=Step.CHECKED, merged_line=0)
    return False


def _judge_slice(job: ImportJob, plan: Plan, clock: Clock) -> bool:
    upto = stage.range_end(job, job.merged_line, JUDGED_ROWS)
    if upto == job.merged_line:
        job.finish(step=Step.CHECKED, merged_line=0)
        return False
    done = writing.judge(job, plan, job.merged_line, upto, clock())
    totals = {str(outcome): job.preview[outcome] + number for outcome, number in done.counts.items()}
    samples = [*job.preview["changed_sample"], *done.samples][: preview.SAMPLE]
    with transaction.atomic():
        stage.copy_refusals(job, done.refusals)
        job.renew(clock(), preview={**job.preview, **totals, "changed_sample": samples}, merged_line=upto)
    return True
