"""Exports as work: started with a reason that is written down, written by a worker, kept for some days."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.errors import ContactsError, Invalid
from contacts.exports.kind import EXPORTS, Asked, ExportColumn, ExportKind
from contacts.exports.models import KEPT_DAYS, Export, Format
from contacts.exports.spreadsheet import MOST_ROWS, CsvFile, Workbook
from contacts.people.models import PeopleExport
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.kit.work import LostLease, WorkState
from crm.team.models import User
from crm.team.permissions import Action, require

log = logging.getLogger(__name__)
_AT_ONCE = 1_000  # rows between two looks at the lease

type Clock = Callable[[], datetime]


def start(
    kind: ExportKind, asked: Asked, columns: Sequence[str], format_: str, reason: str, *, now: datetime
) -> Export:
    """Queue a file, and write down who takes how many rows out and why.

    Raises Invalid (reason, columns, format, more rows than a workbook holds), PermissionDenied, BadFilter.
    """
    may_take(asked.user, kind)
    words, known = _reason(reason), kind.columns()
    chosen = [key for key in dict.fromkeys(columns) if key in known]
    if not chosen:
        raise Invalid({"columns": _("Choose at least one column.")})
    if format_ not in Format.values:
        raise Invalid({"format": _("Choose what to write.")})
    total = kind.count(asked)
    if format_ == Format.XLSX and total > MOST_ROWS:
        raise Invalid({"format": _("A workbook holds %(most)d rows; choose CSV.") % {"most": MOST_ROWS}})
    _noted(kind, asked, words, total, now)
    day = timezone.localtime(now).strftime("%Y-%m-%d")
    return Export.objects.create(
        kind=kind.key, format=format_, columns=chosen, query=asked.query.urlencode(), ticked=list(asked.ids),
        reason=words, by=asked.user, created_at=now, due_at=now, total=total,
        kept_until=now + timedelta(days=KEPT_DAYS),
        file_name=f"{kind.file_name % {'day': day}}.{format_}",
    )  # fmt: skip


def _noted(kind: ExportKind, asked: Asked, reason: str, total: int, now: datetime) -> None:
    """Keep in the log for good who takes how many rows of what, and why."""
    kept = asked.query.urlencode() if not asked.ids else "contact=" + ",".join(str(number) for number in asked.ids)
    query = kept if kind.key == "people" else f"{kind.key}: {kept}"
    PeopleExport.objects.create(by=asked.user, at=now, reason=reason, query=query, people=total)


def may_take(user: User, kind: ExportKind) -> None:
    """Raise PermissionDenied unless `user` may take this kind of file out."""
    require(user, Action.CONTACT_EXPORT)
    require(user, kind.action)


def _reason(reason: str) -> str:
    try:
        clean = clean_line(reason)
    except ForbiddenCharacter as error:
        raise Invalid({"reason": _("Line breaks and control characters are not allowed here.")}) from error
    if not 3 <= len(clean) <= 300:
        raise Invalid({"reason": _("Say in a few words what the file is for.")})
    return clean


def cancel(export: Export, *, now: datetime) -> None:
    """Stop writing; nothing of the file stays. Does nothing when it has ended."""
    working = Export.objects.filter(pk=export.pk, state__in=(WorkState.READY, WorkState.LEASED))
    working.update(state=WorkState.CANCELLED, lease_until=None, finished_at=now)


def note_fetched(export: Export, *, by: User, now: datetime) -> None:
    """Remember that whoever asked for the file has it: home no longer says that it is ready. Harmless to repeat."""
    Export.objects.filter(pk=export.pk, by=by, fetched_at=None).update(fetched_at=now)


def run_due(clock: Clock) -> bool:
    """Claim an export that is due and write its file; return whether there was one."""
    return Export.do_next(clock, lambda export: _write_for(export, clock), refused=(ContactsError,))


def _write_for(export: Export, clock: Clock) -> None:
    with translation.override(export.by.language), timezone.override(export.by.time_zone):
        _write(export, clock)


def _write(export: Export, clock: Clock) -> None:
    """Write the file beside, then put it where files are kept; a kill in between leaves nothing. Raises LostLease."""
    kind = EXPORTS[export.kind]
    may_take(export.by, kind)
    known = kind.columns()
    columns = [known[key] for key in export.columns if key in known]
    asked = Asked(export.by, QueryDict(export.query), tuple(export.ticked))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        _rows(export, columns, kind.rows(asked), path, clock)
        with path.open("rb") as written:
            name = export.file.storage.save(
                export.file.field.generate_filename(export, export.file_name), File(written)
            )
    try:
        export.finish(file=name, size=export.file.storage.size(name), finished_at=clock())
    except LostLease:
        export.file.storage.delete(name)
        raise


def _rows(export: Export, columns: Sequence[ExportColumn], rows: Iterable[object], path: Path, clock: Clock) -> None:
    maker = CsvFile if export.format == Format.CSV else Workbook
    export.renew(clock(), written=0)
    number = 0
    with maker(path, [str(column.label) for column in columns]) as sheet:
        for number, row in enumerate(rows, start=1):
            sheet.write([column.cell(row) for column in columns])
            if number % _AT_ONCE == 0:
                export.renew(clock(), written=number)
    export.renew(clock(), written=number)


def forget(now: datetime) -> int:
    """Delete the files that were kept long enough and whom they were of; return how many. The log of exports stays."""
    old = Export.objects.filter(kept_until__lt=now).exclude(file="", query="", ticked=[])
    return sum(_dropped(export) for export in old)


def drop_files() -> int:
    """Delete every file there is, as an erasure asks: who is in which is not known. Return how many."""
    return sum(_dropped(export) for export in Export.objects.exclude(file="", query="", ticked=[]))


def _dropped(export: Export) -> int:
    if export.file and export.file.name:
        export.file.storage.delete(export.file.name)
    return Export.objects.filter(pk=export.pk).update(file="", query="", ticked=[])
