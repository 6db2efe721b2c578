"""What the import pages read."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from contacts.imports.fields import BY_KEY
from contacts.imports.forms import label_of
from contacts.imports.models import ImportJob, ImportRefusal, Kind, Step
from contacts.imports.records.fields import fields_of
from contacts.people.phone import shown
from crm.kit.work import WorkState
from crm.team.models import User

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN = 50
_CHANGES = 10
REFUSED_DAYS = 7  # so long home speaks of an import that refused rows


def imports() -> QuerySet[ImportJob]:
    """Return all imports with the number of refused rows, the newest first."""
    refused = Count("refusals", filter=Q(refusals__whole_row=True))
    return ImportJob.objects.select_related("created_by").annotate(refused=refused)


def asking(user: User) -> QuerySet[ImportJob]:
    """Return the imports of `user` that wait for her choices or her go."""
    waiting = ImportJob.objects.filter(created_by=user, state=WorkState.DONE)
    return waiting.filter(step__in=[Step.UPLOADED, Step.CHECKED])


def with_refused_rows(user: User, now: datetime) -> QuerySet[ImportJob]:
    """Return the finished imports of `user` of the last REFUSED_DAYS days that refused rows."""
    refused = ImportRefusal.objects.filter(job=OuterRef("pk"), whole_row=True)
    lately = ImportJob.objects.filter(created_by=user, created_at__gte=now - timedelta(days=REFUSED_DAYS))
    return lately.filter(Exists(refused), step=Step.FINISHED, state=WorkState.DONE)


ONLY: dict[str, Callable[[User, datetime], QuerySet[ImportJob]]] = {
    "asking": lambda user, _now: asking(user),
    "refused": with_refused_rows,
}


def refusal_counts(job: ImportJob) -> dict[str, int]:
    """Return how many rows were refused, and in how many cells of others something was left out or flagged."""
    return job.refusals.aggregate(
        rows=Count("pk", filter=Q(whole_row=True)), cells=Count("pk", filter=Q(whole_row=False))
    )


def refusals_by_reason(job: ImportJob) -> list[dict[str, Any]]:
    """Return each reason with its number of rows and a first example, the most frequent first."""
    found = []
    for row in job.refusals.values("code", "whole_row").annotate(number=Count("pk")).order_by("-number"):
        first = job.refusals.filter(code=row["code"]).order_by("line")[:1].get()
        found.append({**row, "reason": first.reason, "line": first.line})
    return found


def first_refusals(job: ImportJob) -> QuerySet[ImportRefusal]:
    """Return the first refusals, in the order of the file."""
    return job.refusals.order_by("line", "pk")[:SHOWN]


def undone_numbers(job: ImportJob) -> list[tuple[Any, int]]:
    """Return what undoing did, as (label, number), without what is zero beside what the file had made."""
    labels = [
        ("removed", _("People it had made: removed")),
        ("kept", _("People it had made who stay: something happened since")),
        ("reverted", _("Changed people who got their old values back")),
        ("changed_since", _("Changed people who stay as they are: changed again since")),
        ("memberships", _("Tags and list places taken back")),
        ("consents", _("Consents and refusals taken back")),
        ("readmitted", _("Addresses that may be mailed again")),
        ("records_removed", _("Orders, products and companies it had made: removed")),
        ("records_kept", _("Those that stay: something happened to them since")),
        ("records_reverted", _("Products and companies that got their old values back")),
        ("records_changed_since", _("Products and companies that stay as they are: changed again since")),
    ]
    made = "records_removed" if job.kind in (Kind.PRODUCTS, Kind.ORDERS, Kind.ACCOUNTS) else "removed"
    return [(label, job.undone[name]) for name, label in labels if job.undone.get(name) or name == made]


def preview_consents(job: ImportJob) -> list[dict[str, Any]]:
    """Return for each consent column of a checked file how many agree, refuse, and say nothing."""
    return [
        {"label": label_of(key), "agree": agree, "refuse": refuse, "unknown": unknown}
        for key, (agree, refuse, unknown) in job.preview.get("consents", {}).items()
    ]


def preview_changes(job: ImportJob) -> list[dict[str, Any]]:
    """Return the sampled people who would change, each with (label, before, after) for every field."""
    names = {field.stored: field.label for field in reversed(list(BY_KEY.values())) if field.stored}
    if job.has_records:
        names = {field.key: field.label for field in fields_of(job.kind)} | {"owner_id": _("Owner")}
    return [
        {
            **row,
            "fields": [
                _change(names.get(column, _("Attributes")), column, old, new) for column, old, new in row["fields"]
            ],
        }
        for row in job.preview.get("changed_sample", [])[:_CHANGES]
    ]


def _change(label: Any, column: str, old: str, new: str) -> tuple[Any, str, str]:
    return (label, shown(old), shown(new)) if column == "phone" else (label, old, new)


def refused_csv(job: ImportJob) -> Iterator[bytes]:
    """Yield the refused rows and left-out cells as CSV: UTF-8 with a byte order mark, formulas neutralised."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("Line"), _("Imported"), _("Reason"), _("Row")])
    yield b"\xef\xbb\xbf"
    for refusal in job.refusals.order_by("line", "pk").iterator(chunk_size=2_000):
        whole = _("no") if refusal.whole_row else _("yes, but for this")
        writer.writerow([refusal.line, whole, neutral(refusal.reason), neutral(refusal.row)])
        if text.tell() > 65_536:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    data = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return data


def neutral(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it; contacts.imports.cells.restored takes it back."""
    return "'" + cell if cell.startswith(_FORMULA) else cell
