"""Verbs on imports: upload, look again, check, start, cancel. The work itself is done by contacts.imports.worker."""

from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.imports import presets, stage
from contacts.imports.errors import BadPlan
from contacts.imports.fields import attributes_of_people, resident_columns
from contacts.imports.formats.table import Table, table_of
from contacts.imports.models import ImportJob, Kind, Step
from contacts.imports.plan import Plan
from contacts.imports.records.fields import fields_of
from contacts.imports.sniff import sniff
from contacts.lists.models import FixedList
from crm.kit.work import WorkState
from crm.team.models import User

_KEPT_SAMPLE = 8
_LOOKED_UP = [
    "encoding", "delimiter", "newline", "has_header", "header", "sample", "refused_columns", "data_offset", "data_line",
    "plan", "preset",
]  # fmt: skip
_OVER = Q(state=WorkState.CANCELLED) | Q(step__in=[Step.FINISHED, Step.UNDOING, Step.UNDONE])


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
    known = presets.recognise(found.header, job.kind)
    job.plan, job.preset = {}, known.key if known else ""


def _refuse_unless(job: ImportJob, *steps: Step) -> None:
    if job.step not in steps or job.state not in (WorkState.DONE, WorkState.FAILED):
        raise BadPlan(_("This import has gone on in the meantime. Nothing was changed; look at its page."))


def check(job: ImportJob, plan: Plan, *, now: datetime) -> None:
    """Take the user's choices and have the file checked against the contacts (the dry run). Raises BadPlan."""
    _refuse_unless(job, Step.UPLOADED, Step.CHECKED, Step.CHECKING)
    if job.has_records:
        known = fields_of(job.kind)
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
        move(
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
    move(job, Step.RUNNING, now, started_at=now)


def back_to_choices(job: ImportJob, *, now: datetime) -> None:
    """Let the user choose again after the check. Raises BadPlan when it has gone on."""
    _refuse_unless(job, Step.CHECKED, Step.CHECKING)
    move(job, Step.UPLOADED, now, state=WorkState.DONE)


def move(job: ImportJob, step: Step, now: datetime, **fields: object) -> None:
    """Set the next step under the state that was read: of two people who press the button one wins. Raises BadPlan."""
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
        tidy(job)
    return bool(stopped)


def tidy(job: ImportJob) -> None:
    """Drop what is no longer needed and must not lie about: the staged rows, the file, the sample."""
    stage.drop(job)
    for kept in (job.file, job.original):
        if kept:
            kept.delete(save=False)
    ImportJob.objects.filter(pk=job.pk).update(file="", original="", sample=[])
