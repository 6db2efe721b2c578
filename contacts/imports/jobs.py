"""Verbs on imports: upload, look again, check, start, cancel; and the work itself, slice by slice.

A slice is one short transaction that ends with the job's progress, written under its fencing number: after a kill the
next worker goes on behind the last slice, and a worker that lost its lease, or whose job was cancelled, leaves nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.imports import merge, presets, preview, stage, undo
from contacts.imports.errors import BadPlan
from contacts.imports.fields import attributes_of_people, resident_columns
from contacts.imports.formats.table import Table, table_of
from contacts.imports.models import ImportJob, Kind, Step
from contacts.imports.plan import Plan
from contacts.imports.reader import Dialect, Reader, Record
from contacts.imports.records import writing
from contacts.imports.records.fields import FIELDS
from contacts.imports.records.reading import RecordMaker
from contacts.imports.rows import RowMaker
from contacts.imports.sniff import sniff
from contacts.lists.models import FixedList
from crm.kit.pace import Pace
from crm.kit.work import LostLease, NotYet, WorkState
from crm.team.models import User

STAGE_ROWS = 1_000  # rows read in one transaction: followers wait for it, so some 50 ms
MERGE_ROWS = 300  # rows merged in the first transaction; the next ones are as wide as MERGE_SECONDS allow
FEWEST_MERGED, MOST_MERGED = 100, 1_000
MERGE_SECONDS = 0.03
RECORD_ROWS = 50  # rows of orders and events written in one transaction, by the functions that pages call
PREVIEW_ROWS = 50_000
_TRIES = 5
_PATIENCE = timedelta(seconds=5)  # until followers have read what a person who is removed did last
_KEPT_SAMPLE = 8
_LOOKED_UP = [
    "encoding", "delimiter", "newline", "has_header", "header", "sample", "refused_columns", "data_offset", "data_line",
    "plan", "preset",
]  # fmt: skip
_OVER = Q(state=WorkState.CANCELLED) | Q(step__in=[Step.FINISHED, Step.UNDOING, Step.UNDONE])
log = logging.getLogger(__name__)

type Clock = Callable[[], datetime]


def upload(user: User, file: File, name: str, *, now: datetime, kind: str = Kind.PEOPLE) -> ImportJob:  # type: ignore[type-arg]
    """Look at a binary file, keep it, and return the job that waits for choices. Raises BadFile, and keeps nothing."""
    job = ImportJob(
        created_by=user, kind=kind, file_name=name[-200:], time_zone=user.time_zone, due_at=now, created_at=now
    )
    job.state = WorkState.DONE
    with table_of(file) as table:
        _look(job, table.file, encoding=table.encoding, delimiter="," if table.is_made else "")
        _keep(job, table)
    if table.sheets:
        file.seek(0)
        job.original.save("people.xlsx", file, save=False)
    job.save()
    return job


def _keep(job: ImportJob, table: Table) -> None:
    """Store the table as the job's file."""
    table.file.seek(0)
    kept = File(table.file)
    job.file_size, job.sheets, job.sheet = kept.size, list(table.sheets), table.sheet
    job.file.save("people.csv", kept, save=False)


def look_again(
    job: ImportJob,
    *,
    encoding: str = "",
    delimiter: str = "",
    has_header: bool = True,
    sheet: str = "",
    preset: str | None = None,
) -> None:
    """Read the file's head anew as the user says, of a workbook another sheet. Raises BadFile; nothing is changed.

    `preset` is the tool as the user says, "" for none, None for what the columns tell.
    """
    _refuse_unless(job, Step.UPLOADED)
    if job.sheets:
        _another_sheet(job, sheet or job.sheet, has_header, preset)
        return
    with job.file.open("rb") as file:
        _look(job, file, encoding=encoding, delimiter=delimiter, has_header=has_header)
    job.preset = job.preset if preset is None else preset
    job.save(update_fields=_LOOKED_UP)


def _another_sheet(job: ImportJob, sheet: str, has_header: bool, preset: str | None) -> None:
    before = job.file.name
    with job.original.open("rb") as book, table_of(book, sheet) as table:
        _look(job, table.file, encoding=table.encoding, delimiter=",", has_header=has_header)
        _keep(job, table)
    job.preset = job.preset if preset is None else preset
    job.save(update_fields=[*_LOOKED_UP, "file", "file_size", "sheet", "sheets"])
    if before and before != job.file.name:
        job.file.storage.delete(before)


def _look(
    job: ImportJob, file: IO[bytes], *, encoding: str = "", delimiter: str = "", has_header: bool | None = None
) -> None:
    found = sniff(file, encoding=encoding, delimiter=delimiter, has_header=has_header)
    job.encoding, job.delimiter, job.has_header = found.dialect.encoding, found.dialect.delimiter, found.has_header
    job.header, job.data_offset, job.data_line = found.header, found.data_offset, found.data_line
    job.newline, job.sample = found.dialect.newline, found.sample[:_KEPT_SAMPLE]
    job.refused_columns = sorted(resident_columns(found.header, found.sample))
    known = presets.recognise(found.header)
    job.plan, job.preset = {}, known.key if known else ""


def _refuse_unless(job: ImportJob, *steps: Step) -> None:
    if job.step not in steps or job.state not in (WorkState.DONE, WorkState.FAILED):
        raise BadPlan(_("This import has gone on in the meantime. Nothing was changed; look at its page."))


def check(job: ImportJob, plan: Plan, *, now: datetime) -> None:
    """Take the user's choices and have the file checked against the contacts (the dry run). Raises BadPlan."""
    _refuse_unless(job, Step.UPLOADED, Step.CHECKED, Step.CHECKING)
    if job.has_records:
        known = FIELDS[job.kind]
        plan.checked_records(job.header, [each.key for each in known if each.required], [each.key for each in known])
    else:
        attributes = {attribute.key for attribute in attributes_of_people()}
        today = now.astimezone(ZoneInfo(job.time_zone)).date()
        plan.checked(job.header, job.refused_columns, attributes, today)
    if plan.list_id is not None and not FixedList.objects.filter(pk=plan.list_id).exists():
        raise BadPlan(_("The chosen list was deleted. Choose another one."))
    with transaction.atomic():
        stage.drop(job)
        stage.create(job)
        job.refusals.all().delete()
        _move(
            job,
            Step.CHECKING,
            now,
            plan=plan.to_json(),
            staged_offset=job.data_offset,
            staged_line=job.data_line - 1,
            rows_read=0,
            rows_kept=0,
            merged_line=0,
            preview={},
        )


def start(job: ImportJob, *, now: datetime) -> None:
    """Have the checked rows merged into the contacts. Raises BadPlan when they were not checked."""
    _refuse_unless(job, Step.CHECKED, Step.RUNNING)
    _move(job, Step.RUNNING, now, started_at=now)


def back_to_choices(job: ImportJob, *, now: datetime) -> None:
    """Let the user choose again after the check. Raises BadPlan when it has gone on."""
    _refuse_unless(job, Step.CHECKED, Step.CHECKING)
    _move(job, Step.UPLOADED, now, state=WorkState.DONE)


def may_be_undone(job: ImportJob, now: datetime) -> bool:
    """Tell whether there is something left to undo, and time for it."""
    over = job.step in (Step.FINISHED, Step.UNDOING) or job.state == WorkState.CANCELLED
    young = job.finished_at is not None and job.finished_at > now - timedelta(days=undo.DAYS)
    return bool(over and not job.is_working and young and job.step != Step.UNDONE and job.ranges.exists())


def start_undo(job: ImportJob, *, now: datetime) -> None:
    """Have the import taken back, newest range first. Raises BadPlan when it is too late, or under way."""
    if not may_be_undone(job, now):
        raise BadPlan(_("This import can no longer be undone."))
    of = sum(1 + len(made) // undo.AT_ONCE for made in job.ranges.values_list("made", flat=True))
    if job.step == Step.UNDOING:
        _move(job, Step.UNDOING, now)
        return
    _move(job, Step.UNDOING, now, undone={"of": of, "ranges": 0, **asdict(undo.Undone())})


def _undo_slice(job: ImportJob, _plan: Plan, _source: "_Source", clock: Clock) -> bool:
    """Undo the next piece and return whether more is to do."""
    row = job.ranges.order_by("-upto").first()
    if row is None:
        job.finish(step=Step.UNDONE, finished_at=job.finished_at)
        return False
    with transaction.atomic():
        if row.made:
            done, _all = undo.remove_made(row)
        else:
            done = undo.undo(row, _plan.list_id, job.created_by_id, clock())
            row.delete()
        numbers = {name: job.undone.get(name, 0) + more for name, more in asdict(done).items()}
        job.renew(clock(), undone={**job.undone, **numbers, "ranges": job.undone.get("ranges", 0) + 1})
    return True


def _move(job: ImportJob, step: Step, now: datetime, **fields: object) -> None:
    """Set the next step under the state that was read: of two people who press the button one wins."""
    values = {"state": WorkState.READY, "step": step, "due_at": now, "attempts": 0, "last_error": "", **fields}
    mine = ImportJob.objects.filter(pk=job.pk, step=job.step, state=job.state)
    if not mine.update(**values):
        raise BadPlan(_("This import has gone on in the meantime. Nothing was changed; look at its page."))
    for name, value in values.items():
        setattr(job, name, value)


def cancel(job: ImportJob, *, now: datetime) -> bool:
    """Stop the import; what was merged so far stays. Return whether there was something to stop."""
    stopped = ImportJob.objects.filter(~_OVER, pk=job.pk).update(
        state=WorkState.CANCELLED, lease_until=None, finished_at=now
    )
    job.refresh_from_db()
    if stopped:
        _tidy(job)
    return bool(stopped)


def _tidy(job: ImportJob) -> None:
    """Drop what is no longer needed and must not lie about: the staged rows, the file, the sample."""
    stage.drop(job)
    for kept in (job.file, job.original):
        if kept:
            kept.delete(save=False)
    ImportJob.objects.filter(pk=job.pk).update(file="", original="", sample=[])


def run_due(clock: Clock, *, seconds: float = 20.0) -> bool:
    """Claim one import that is due and work on it for about `seconds`; return whether there was one."""
    claimed = ImportJob.claim(clock())
    if not claimed:
        return False
    (job,) = claimed
    try:
        _run(job, clock, clock() + timedelta(seconds=seconds))
    except LostLease:
        log.info("import %s: taken over or cancelled", job.pk)
    except BadPlan as error:
        job.fail(str(error))
    except NotYet as error:
        job.retry(clock() + _PATIENCE, str(error), attempts=0)
    except Exception as error:
        log.exception("import %s", job.pk)
        job.try_again(error, clock())
    return True


def _run(job: ImportJob, clock: Clock, until: datetime) -> None:
    plan = Plan.from_json(job.plan)
    work = {Step.CHECKING: _check_slice, Step.UNDOING: _undo_slice}.get(Step(job.step), _merge_slice)
    if job.step == Step.RUNNING:
        merge.prepare()
    with _Source(job) as source:
        while work(job, plan, source, clock):
            if clock() >= until:
                job.retry(clock(), attempts=0)
                return
    if job.step == Step.FINISHED:
        _tidy(job)
    elif job.step == Step.CHECKED and job.source_id is not None:
        start(job, now=clock())  # fetched from an address: nobody waits for it


class _Source:
    """The job's file, opened when the first row is asked for, and the pace of merging its rows."""

    def __init__(self, job: ImportJob) -> None:
        self._job = job
        self.pace = Pace(MERGE_ROWS, least=FEWEST_MERGED, most=MOST_MERGED, seconds=MERGE_SECONDS)
        self._file: File | None = None  # type: ignore[type-arg]
        self._reader: Reader | None = None

    def __enter__(self) -> "_Source":
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()

    def records(self) -> Reader:
        """Return the reader behind the last staged row; it stays there between slices."""
        if self._reader is None:
            job = self._job
            self._file = job.file.storage.open(job.file.name or "", "rb")
            dialect = Dialect(job.encoding, job.delimiter, job.newline)
            self._reader = Reader(self._file.file or self._file, dialect, job.staged_offset, job.staged_line + 1)
        return self._reader


def _check_slice(job: ImportJob, plan: Plan, source: _Source, clock: Clock) -> bool:
    """Do the next slice of the check and return whether more is to do: read, then weed out, then compare."""
    if job.rows_kept == 0 and job.staged_offset < job.file_size:
        _stage_slice(job, plan, source, clock)
        return True
    if not job.preview:
        _weed_out(job, clock)
        job.renew(clock(), rows_kept=stage.analyze(job), preview=preview.empty())
        return True
    return _preview_slice(job, plan, clock)


def _stage_slice(job: ImportJob, plan: Plan, source: _Source, clock: Clock) -> None:
    now = clock()
    zone = ZoneInfo(job.time_zone)
    maker: RowMaker | RecordMaker = (
        RecordMaker(job.kind, plan, job.header, zone, now)
        if job.has_records
        else RowMaker(plan, job.header, attributes_of_people(), zone, now)
    )
    lines: list[str] = []
    last: Record | None = None
    reader, read = source.records(), 0
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
        return _preview_records(job, plan, clock)
    upto = stage.range_end(job, job.merged_line, PREVIEW_ROWS)
    if upto > job.merged_line:
        counted = preview.add_range(job, plan, job.preview, job.merged_line, upto)
        job.renew(clock(), preview=counted, merged_line=upto)
        return True
    job.finish(step=Step.CHECKED, merged_line=0)
    return False


def _preview_records(job: ImportJob, plan: Plan, clock: Clock) -> bool:
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


def _merge_records(job: ImportJob, plan: Plan, clock: Clock) -> bool:
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


def _merge_slice(job: ImportJob, plan: Plan, source: _Source, clock: Clock) -> bool:
    """Merge the next range and return whether more is to do."""
    if job.has_records:
        return _merge_records(job, plan, clock)
    with source.pace.timed() as rows:
        return _merge_next(job, plan, rows, clock)


def _merge_next(job: ImportJob, plan: Plan, rows: int, clock: Clock) -> bool:
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
        done = merge.merge(job, plan, job.merged_line, upto, now)
        job.renew(
            now,
            merged_line=upto,
            rows_new=job.rows_new + done.new,
            rows_changed=job.rows_changed + done.changed,
            rows_unchanged=job.rows_unchanged + done.unchanged,
        )
