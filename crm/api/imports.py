"""Imports of files: sent, told what its columns are, checked without writing anything, started, undone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.files import File
from django.forms import ChoiceField
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import Invalid
from contacts.imports import jobs, queries, reversal, tasks
from contacts.imports.forms import NEW, ChoicesForm, guessed_keys
from contacts.imports.models import ImportJob, Kind, Step
from contacts.imports.plan import Policy
from crm.api.bodies import UPLOAD
from crm.api.fields import Body, Choice, Day, Id, Text, Yes, several
from crm.api.problems import Refusal, invalid
from crm.api.route import FILE_TYPE, Asked, Door, Listing
from crm.api.sent_files import FileIn, file_of
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Imports", TokenScope.IMPORTS_READ, TokenScope.IMPORTS_WRITE)
ONE = "imports/<row:import_id>"
MOST_COLUMNS = 1_000


class ImportIn(FileIn):
    """A table as CSV or XLSX."""

    kind = Choice(Kind.values, required=False, help_text=_("What the rows are; people unless given."))


class ColumnOfFile(Body):
    name = serializers.CharField(allow_blank=True)
    key = serializers.CharField(allow_blank=True, help_text=_("What it is, as chosen or guessed; empty: left out."))
    refused = serializers.BooleanField(help_text=_("It looks like resident registration numbers."))


class ImportShown(Body):
    """An import: `step` says how far it is, `state` whether a machine works on it (ready, leased) or you are to."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Kind.values)
    file_name = serializers.CharField()
    step = serializers.ChoiceField(Step.values)
    state = serializers.ChoiceField(WorkState.values)
    percent = serializers.IntegerField()
    rows_read = serializers.IntegerField()
    rows_kept = serializers.IntegerField(help_text=_("Rows that are not refused."))
    rows_new = serializers.IntegerField()
    rows_changed = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    created_by_id = serializers.IntegerField(allow_null=True)
    can_undo = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)


class ImportWhole(ImportShown):
    """An import with its columns and, once it was checked, what it would do."""

    columns = ColumnOfFile(many=True)
    known_keys = serializers.ListField(child=serializers.CharField(), help_text=_("What a column may be."))
    preview = serializers.DictField(help_text=_("Of the check: numbers and samples."))
    refused = serializers.DictField(help_text=_("How many rows and cells were refused."))


_PLAIN = (
    "kind", "file_name", "step", "state", "percent", "rows_read", "rows_kept", "rows_new", "rows_changed",
    "rows_unchanged", "created_at", "finished_at", "created_by_id",
)  # fmt: skip


def _shown(row: ImportJob, asked: Asked) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in _PLAIN}
    can_undo = reversal.may_be_undone(row, asked.now)
    return {"id": row.pk, **own, "can_undo": can_undo, "error": row.last_error}


def _whole(import_id: int, asked: Asked) -> dict[str, Any]:
    row = _found(import_id)
    keys = row.plan.get("columns") or guessed_keys(row)
    columns = [
        {"name": name, "key": keys[place], "refused": place in row.refused_columns}
        for place, name in enumerate(row.header)
    ]
    more = {"columns": columns, "known_keys": _known(row), "preview": row.preview}
    return {**_shown(row, asked), **more, "refused": queries.refusal_counts(row)}


def _known(row: ImportJob) -> list[str]:
    """Return what a column of this file may be; an attribute is made by its own verb first."""
    field = ChoicesForm(row).fields.get("column_0")
    offered: Any = field.choices if isinstance(field, ChoiceField) else ()
    return [key for key in _flat(offered) if key and not key.startswith(NEW)]


def _flat(choices: Iterable[Any]) -> Iterator[str]:
    """Yield the keys of choices, those of groups too."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key)


@DOOR.get("imports", Action.CONTACT_IMPORT, _("List imports"), gives=ImportShown, pages=True)
def list_imports(asked: Asked) -> Listing:
    """Return imports, the newest first."""
    page = keyset_page(queries.imports(), ("-created_at", "-id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, lambda row: _shown(row, asked))


@DOOR.post(
    "imports", Action.CONTACT_IMPORT, _("Send a file to be imported"), takes=ImportIn, gives=ImportWhole, status=201,
    largest=UPLOAD, example={"name": "people.csv", "content": "6rmD66qULeydtOuplOydvA==", "kind": "people"},
    text=_("Nothing is written yet: look at `columns`, then have it checked. Larger files go in on the page."),
)  # fmt: skip
def send_file(asked: Asked) -> dict[str, Any]:
    """Take a file; one that cannot be read is refused, and not kept."""
    body = asked.body
    kind = body.get("kind", Kind.PEOPLE)
    made = jobs.upload(asked.user, File(file_of(body)), body["name"], now=asked.now, kind=kind)
    return _whole(made.pk, asked)


@DOOR.get(ONE, Action.CONTACT_IMPORT, _("Read how far an import is"), gives=ImportWhole)
def read_import(asked: Asked, import_id: int) -> dict[str, Any]:
    """Return one import."""
    return _whole(import_id, asked)


class ChoicesIn(Body):
    """What each column is, on what ground consent rests, what happens to people who are known already."""

    columns = several(Text(max_length=80), MOST_COLUMNS, help_text=_("A key for each column; empty: left out."))
    policy = Choice(Policy.values, required=False, help_text=_("Of known people; overwrite unless given."))
    basis = Text(max_length=200, required=False, help_text=_("On what ground they agreed, where a column says so."))
    wording = Text(max_length=5000, required=False, help_text=_("The words they agreed to."))
    agreed_on = Day(required=False, help_text=_("For rows without a date of their own."))
    list_id = Id(required=False, help_text=_("Put everybody on this list."))
    tags = several(Text(max_length=60), 50, required=False)
    exclude_all = Text(max_length=20, required=False, help_text=_("Of addresses not to be mailed: why, for every row."))
    makes_people = Yes(
        required=False,
        help_text=_(
            "Make contacts of addresses that nobody has; done unless you say no, for “excluded” only if you say yes."
        ),
    )


@DOOR.post(
    f"{ONE}/check", Action.CONTACT_IMPORT, _("Check a file without writing anything"), takes=ChoicesIn,
    gives=ImportWhole, status=202, example={"columns": ["name", "email"], "policy": "fill", "tags": ["Expo"]},
    text=_("Ask for the import until its step is “checked”: `preview` says who would be new and what would change."),
)  # fmt: skip
def check_import(asked: Asked, import_id: int) -> dict[str, Any]:
    """Take the choices and have the file checked."""
    row = _found(import_id)
    if len(asked.body["columns"]) != len(row.header):
        raise invalid("columns", str(_("The file has %(n)d columns.")) % {"n": len(row.header)})
    form = ChoicesForm(row, _typed(asked.body, row))
    if not form.is_valid():
        raise Invalid({_path(name): " ".join(map(str, wrong)) for name, wrong in form.errors.items()})
    chosen = form.cleaned_data.get("fixed_list")
    jobs.check(row, form.plan(chosen.pk if chosen else None, {}), now=asked.now)
    tasks.wake()
    return _whole(import_id, asked)


def _typed(body: Mapping[str, Any], row: ImportJob) -> dict[str, Any]:
    """Return the choices as the form of the page names them."""
    columns = {f"column_{place}": key for place, key in enumerate(body["columns"])}
    kept = {name: body[name] for name in ("basis", "wording", "agreed_on", "exclude_all") if name in body}
    kept["policy"] = body.get("policy", Policy.OVERWRITE)
    kept["makes_people"] = body.get("makes_people", row.kind != Kind.EXCLUDED)
    kept["fixed_list"] = body.get("list_id")
    return {**columns, **kept, "tags": ",".join(body.get("tags", ()))}


def _path(name: str) -> str:
    place = name.removeprefix("column_")
    return f"columns.{place}" if place != name else {"fixed_list": "list_id", "__all__": "columns"}.get(name, name)


@DOOR.post(f"{ONE}/start", Action.CONTACT_IMPORT, _("Import a checked file"), gives=ImportWhole, status=202)
def start_import(asked: Asked, import_id: int) -> dict[str, Any]:
    """Have the checked rows written."""
    jobs.start(_found(import_id), now=asked.now)
    tasks.wake()
    return _whole(import_id, asked)


@DOOR.post(
    f"{ONE}/back", Action.CONTACT_IMPORT, _("Choose the columns of a checked file anew"), gives=ImportWhole
)  # fmt: skip
def back_to_choices(asked: Asked, import_id: int) -> dict[str, Any]:
    """Forget the check."""
    jobs.back_to_choices(_found(import_id), now=asked.now)
    return _whole(import_id, asked)


@DOOR.post(f"{ONE}/cancel", Action.CONTACT_IMPORT, _("Stop an import"), gives=ImportWhole)
def cancel_import(asked: Asked, import_id: int) -> dict[str, Any]:
    """Stop it; what was written stays and can be undone."""
    if not jobs.cancel(_found(import_id), now=asked.now):
        raise Refusal("conflict", str(_("There is nothing left to cancel: this import is over.")))
    return _whole(import_id, asked)


@DOOR.post(f"{ONE}/undo", Action.CONTACT_IMPORT, _("Undo an import"), gives=ImportWhole, status=202)
def undo_import(asked: Asked, import_id: int) -> dict[str, Any]:
    """Have it taken back; who changed since stays as she is."""
    reversal.start_undo(_found(import_id), now=asked.now)
    tasks.wake()
    return _whole(import_id, asked)


@DOOR.get(f"{ONE}/refused", Action.CONTACT_IMPORT, _("Download the refused rows"), file=True)
def refused_rows(asked: Asked, import_id: int) -> StreamingHttpResponse:  # noqa: ARG001 - who may import sees all
    """Return them as CSV with line and reason."""
    name = {"Content-Disposition": f'attachment; filename="refused-{import_id}.csv"'}
    return StreamingHttpResponse(queries.refused_csv(_found(import_id)), content_type=FILE_TYPE, headers=name)


def _found(import_id: int) -> ImportJob:
    return get_object_or_404(ImportJob, pk=import_id)
