"""Pages of exports: what, for what and in which columns; how far it is; and the file, for whoever had it written."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import ContactsError, Invalid
from contacts.exports import jobs, tasks
from contacts.exports.kind import EXPORTS, Asked, ExportKind
from contacts.exports.models import Export, Format
from contacts.people.filters import chips
from contacts.people.selection import Selection
from crm.kit import clock
from crm.kit.paging import keyset_page
from crm.kit.work import WorkState
from crm.team.permissions import Action, allowed, reader

_OURS = ("everyone", "query", "csrfmiddlewaretoken", "cursor", "view")


@allowed(Action.CONTACT_EXPORT)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, kind: str = "people") -> HttpResponse:
    """Ask what for, which columns and which format (GET, or a POST from a list), then queue the file (`sure`)."""
    if kind not in EXPORTS:
        raise Http404
    chosen, user = EXPORTS[kind], reader(request)
    jobs.may_take(user, chosen)
    errors: dict[str, str] = {}
    try:
        asked = _asked(request)
        if request.POST.get("sure"):
            return _start(request, chosen, asked)
        total = chosen.count(asked)
    except Invalid as problem:
        errors, total = problem.errors, chosen.count(asked)
    except ContactsError as problem:
        return render(request, "contacts/exports/choose.html", {"problem": str(problem), "kind": chosen}, status=400)
    context = _page(request, chosen, asked, errors) | {"total": total}
    return render(request, "contacts/exports/choose.html", context, status=400 if errors else 200)


def _asked(request: HttpRequest) -> Asked:
    """Return who is meant: the query string (GET), else what a form of the list says. Raises BadFilter."""
    user = reader(request)
    if request.method == "GET":
        return Asked(user, _plain(request.GET))
    selection = Selection.posted(request.POST)
    return Asked(user, _plain(QueryDict(selection.query or request.POST.get("query", ""))), selection.ids)


def _plain(query: QueryDict) -> QueryDict:
    kept = query.copy()
    for name in _OURS:
        kept.pop(name, None)
    return kept


def _start(request: HttpRequest, kind: ExportKind, asked: Asked) -> HttpResponse:
    post = request.POST
    columns, format_ = post.getlist("column"), post.get("format", "")
    export = jobs.start(kind, asked, columns, format_, post.get("reason", ""), now=clock.now())
    tasks.wake()
    return redirect("contacts:export", export.pk)


def _page(request: HttpRequest, kind: ExportKind, asked: Asked, errors: dict[str, str]) -> dict[str, Any]:
    ticked = set(request.POST.getlist("column")) if request.POST.get("sure") else set(kind.usual(asked.query))
    query = asked.query.urlencode()
    return {
        "kind": kind,
        "query": query,
        "ids": asked.ids,
        "columns": [(key, column.label, key in ticked) for key, column in kind.columns().items()],
        "formats": Format.choices,
        "typed": {"reason": request.POST.get("reason", ""), "format": request.POST.get("format", Format.CSV)},
        "chips": [] if asked.ids or kind.url_name != "contacts:people" else chips(asked.query),
        "errors": errors,
        "back": reverse(kind.url_name) + (f"?{query}" if query else ""),
    }


@allowed(Action.CONTACT_EXPORT)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show the files of late: one's own, to an admin all."""
    rows = Export.objects.visible_to(reader(request)).select_related("by")
    page = keyset_page(rows, ["-created_at", "-id"], cursor=request.GET.get("cursor", ""), size=30)
    context = {"page": page, "rows": [_shown(row) for row in page.rows], "is_empty": not page.rows}
    return render(request, "contacts/exports/list.html", context)


def _shown(export: Export) -> dict[str, Any]:
    there = export.state == WorkState.DONE and bool(export.file) and clock.now() < export.kept_until
    label = EXPORTS[export.kind].label if export.kind in EXPORTS else export.kind
    return {"export": export, "label": label, "is_there": there}


@allowed(Action.CONTACT_EXPORT)
@require_GET
def show(request: HttpRequest, export_id: int) -> HttpResponse:
    """Show how far a file is; when it is written, where it can be had."""
    export = get_object_or_404(Export.objects.visible_to(reader(request)).select_related("by"), pk=export_id)
    return render(request, "contacts/exports/show.html", _shown(export))


@allowed(Action.CONTACT_EXPORT)
@require_GET
def download(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Send the file, to whoever had it written and to admins; 404 once it was deleted."""
    export = get_object_or_404(Export.objects.visible_to(reader(request)), pk=export_id)
    if not _shown(export)["is_there"]:
        raise Http404
    jobs.note_fetched(export, by=reader(request), now=clock.now())
    return FileResponse(export.file.open("rb"), as_attachment=True, filename=export.file_name)


@allowed(Action.CONTACT_EXPORT)
@require_POST
def stop(request: HttpRequest, export_id: int) -> HttpResponse:
    """Stop writing a file; nothing of it stays."""
    export = get_object_or_404(Export.objects.visible_to(reader(request)), pk=export_id)
    jobs.cancel(export, now=clock.now())
    messages.info(request, _("Stopped; there is no file."))
    return redirect("contacts:exports")
