"""Files taken out: what there is to take, started with a reason, watched, downloaded."""

from typing import Any

from django.http import FileResponse, Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.exports import jobs, tasks
from contacts.exports.kind import EXPORTS, ExportKind
from contacts.exports.kind import Asked as Wanted
from contacts.exports.models import Export, Format
from crm.api import people_filter
from crm.api.fields import Body, Choice, Id, Text, several
from crm.api.files import handed_out
from crm.api.problems import invalid
from crm.api.route import Asked, Door, Listing
from crm.api.rows import MOST
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, may

DOOR = Door("Exports", TokenScope.CONTACTS_EXPORT, TokenScope.CONTACTS_EXPORT)
ONE = "exports/<row:export_id>"


class ColumnShown(Body):
    key = serializers.CharField()
    label = serializers.CharField()


class KindShown(Body):
    """What can be taken out, with its columns."""

    key = serializers.CharField()
    label = serializers.CharField()
    columns = ColumnShown(many=True)
    usual = serializers.ListField(child=serializers.CharField(), help_text=_("What a file has unless you say."))


class KindsShown(Body):
    kinds = KindShown(many=True)


def _kind(kind: ExportKind) -> dict[str, Any]:
    columns = [{"key": key, "label": str(column.label)} for key, column in kind.columns().items()]
    return {"key": kind.key, "label": str(kind.label), "columns": columns, "usual": list(kind.usual(QueryDict()))}


@DOOR.get("export-kinds", Action.CONTACT_EXPORT, _("List what can be taken out"), gives=KindsShown)
def list_kinds(asked: Asked) -> dict[str, Any]:
    """Return the kinds of files that you may take out."""
    return {"kinds": [_kind(kind) for kind in EXPORTS if may(asked.user, kind.action)]}


class ExportIn(Body):
    """A file to be written."""

    kind = Text(max_length=20, allow_blank=False, help_text=_("A key of GET export-kinds, such as people."))
    reason = Text(max_length=300, allow_blank=False, help_text=_("What the file is for; kept for good."))
    filter = Text(max_length=4000, required=False, help_text=_("Parameters as of GET contacts: stage=3&tag=7."))
    contacts = several(Id(), MOST, required=False, help_text=_("These people alone, instead of a filter."))
    columns = several(Text(max_length=60), 200, required=False, help_text=_("Keys of the kind's columns."))
    format = Choice(Format.values, required=False, help_text=_("csv unless given."))


class ExportShown(Body):
    """A file that is written, or was."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    format = serializers.ChoiceField(Format.values)
    reason = serializers.CharField()
    state = serializers.ChoiceField(WorkState.values)
    total = serializers.IntegerField(help_text=_("Rows when it was asked for."))
    written = serializers.IntegerField()
    size = serializers.IntegerField(help_text=_("Bytes."))
    file_name = serializers.CharField()
    by_id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    kept_until = serializers.DateTimeField()
    error = serializers.CharField(allow_blank=True)


_PLAIN = (
    "kind", "format", "reason", "state", "total", "written", "size", "file_name", "by_id", "created_at", "finished_at",
    "kept_until",
)  # fmt: skip


def _shown(row: Export) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _PLAIN}, "error": row.last_error}


@DOOR.get("exports", Action.CONTACT_EXPORT, _("List exports"), gives=ExportShown, pages=True)
def list_exports(asked: Asked) -> Listing:
    """Return your own exports, to an admin all, the newest first."""
    rows = Export.objects.visible_to(asked.user)
    return Listing.of(keyset_page(rows, ("-created_at", "-id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.post(
    "exports", Action.CONTACT_EXPORT, _("Have a file written"), takes=ExportIn, gives=ExportShown, status=202,
    example={"kind": "people", "reason": "Monthly report", "filter": "stage=3", "columns": ["name", "email"]},
    text=_("Ask for the export until its state is “done”, then download its content."),
)  # fmt: skip
def start_export(asked: Asked) -> dict[str, Any]:
    """Queue a file of the people whom you may see."""
    body = asked.body
    if body["kind"] not in EXPORTS:
        raise invalid("kind", str(_("There is no such kind of export.")))
    kind, filter_ = EXPORTS[body["kind"]], body.get("filter", "")
    query = people_filter.read(filter_) if kind.url_name == "contacts:people" else QueryDict(filter_)
    wanted = Wanted(asked.user, query, tuple(body.get("contacts", ())))
    columns, written = body.get("columns") or kind.usual(query), body.get("format", Format.CSV)
    made = jobs.start(kind, wanted, columns, written, body["reason"], now=asked.now)
    tasks.wake()
    return _shown(made)


@DOOR.get(ONE, Action.CONTACT_EXPORT, _("Read how far an export is"), gives=ExportShown)
def read_export(asked: Asked, export_id: int) -> dict[str, Any]:
    """Return one export."""
    return _shown(_found(asked, export_id))


@DOOR.get(f"{ONE}/content", Action.CONTACT_EXPORT, _("Download an export"), file=True)
def download_export(asked: Asked, export_id: int) -> FileResponse:
    """Return the file; 404 until it is written, and once it was deleted."""
    row = _found(asked, export_id)
    if row.state != WorkState.DONE or not row.file or asked.now >= row.kept_until:
        raise Http404
    jobs.note_fetched(row, by=asked.user, now=asked.now)
    return handed_out(row.file.open("rb"), row.file_name)


@DOOR.post(f"{ONE}/stop", Action.CONTACT_EXPORT, _("Stop an export"), gives=ExportShown)
def stop_export(asked: Asked, export_id: int) -> dict[str, Any]:
    """Stop writing; nothing of the file stays. One that has ended stays as it is."""
    jobs.cancel(_found(asked, export_id), now=asked.now)
    return _shown(_found(asked, export_id))


def _found(asked: Asked, export_id: int) -> Export:
    return get_object_or_404(Export.objects.visible_to(asked.user), pk=export_id)
