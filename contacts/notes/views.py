"""The page of one note with its history, editing and deleting it, and whom one may name."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import Invalid, StaleEdit
from contacts.notes import queries, writing
from contacts.notes.models import Note
from contacts.notes.writing import NotYours
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import allowed, may, reader

OFFERED = 300


@allowed("contact.view")
@require_GET
def colleagues(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Return the names that may follow an @, for static/contacts/mentions.js."""
    people = User.objects.filter(is_active=True).order_by("name")[:OFFERED]
    names = [user.name for user in people if may(user, "contact.view")]
    return JsonResponse({"names": list(dict.fromkeys(names))})


def _note(request: HttpRequest, note_id: int) -> Note:
    rows = queries.visible_notes(reader(request)).select_related("by", "stage", "contact", "account")
    return get_object_or_404(rows.prefetch_related("mentions__user"), pk=note_id)


def _page(request: HttpRequest, note: Note, *, status: int = 200, **more: Any) -> HttpResponse:
    user = reader(request)
    context = {
        "written": queries.Written(note, user),
        "home": _home(note),
        "versions": list(note.versions.all()) if queries.may_read_history(note, user) else [],
        "typed": note.text,
        "version": note.version,
    }
    return render(request, "contacts/notes/note.html", context | more, status=status)


def _home(note: Note) -> str:
    """Return the address of the page the note stands on."""
    if note.contact_id:
        return reverse("contacts:person", args=[note.contact_id])
    return reverse("contacts:account", args=[note.account_id]) + "#notes"


@allowed("contact.view")
@require_GET
def show(request: HttpRequest, note_id: int) -> HttpResponse:
    """Show one note, its author's form to change it, and what it said before."""
    return _page(request, _note(request, note_id))


@allowed("contact.edit")
@require_POST
def edit(request: HttpRequest, note_id: int) -> HttpResponse:
    """Change one's own note; what is refused stays in its field."""
    note, typed = _note(request, note_id), request.POST.get("text", "")
    raw = request.POST.get("version", "")
    version = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 9 else 0
    try:
        writing.edit(note.pk, typed, version=version, by=reader(request), now=clock.now())
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    except StaleEdit as stale:
        now = _note(request, note_id)
        return _page(request, now, status=409, typed=typed, problem=str(stale), theirs=now.text)
    except Invalid as error:
        return _page(request, note, status=400, typed=typed, problem=str(error))
    return redirect(_home(note))


@allowed("contact.edit")
@require_http_methods(["POST"])
def delete(request: HttpRequest, note_id: int) -> HttpResponse:
    """Take one's own note away."""
    note = _note(request, note_id)
    try:
        writing.delete(note.pk, by=reader(request), now=clock.now())
    except NotYours as error:
        raise PermissionDenied(str(error)) from error
    messages.success(request, _("The note was deleted."))
    return redirect(_home(note))
