"""Files of a person or an account: the section that lists them, keeping, opening and deleting one."""

from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.errors import Invalid
from contacts.files import keeping
from contacts.files.models import KeptFile
from contacts.files.queries import visible_files
from contacts.people.models import Account, Contact
from contacts.people.views.door import person, to_change, token_of
from crm.kit import clock
from crm.team.permissions import allowed, reader


def _visible(request: HttpRequest) -> QuerySet[KeptFile]:
    return visible_files(reader(request)).select_related("by")


@allowed("contact.view")
@require_GET
def of_person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Show the files of a person; to htmx the section alone."""
    return _section(request, contact=person(request, contact_id, "contacts:person-files"))


@allowed("contact.view")
@require_GET
def of_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show the files of an account; to htmx the section alone."""
    return _section(request, account=get_object_or_404(Account, pk=account_id))


def _section(
    request: HttpRequest, contact: Contact | None = None, account: Account | None = None, **more: Any
) -> HttpResponse:
    files = _visible(request).filter(contact=contact, account=account).order_by("-at", "-pk")
    name, owner = ("contacts:person", contact) if contact else ("contacts:account", account)
    assert owner is not None
    context = {
        "files": files[: keeping.MOST],
        "owner": owner,
        "home": reverse(name, args=[owner.pk]),
        "add_url": reverse(f"{name}-file", args=[owner.pk]),
        "largest": keeping.LARGEST // 2**20,
        "token": uuid4(),
        **more,
    }
    part = bool(request.headers.get("HX-Request"))
    template = "contacts/files/section.html" if part else "contacts/files/page.html"
    return render(request, template, context, status=400 if "problem" in more else 200)


@allowed("contact.edit")
@require_POST
def add_to_person(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Keep a file with a person."""
    return _keep(request, contact=to_change(request, contact_id))


@allowed("contact.edit")
@require_POST
def add_to_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Keep a file with an account."""
    return _keep(request, account=get_object_or_404(Account, pk=account_id))


def _keep(request: HttpRequest, **on: Any) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:
        return _section(request, **on, problem=_("Choose a file first."))
    ids = {f"{name}_id": row.pk for name, row in on.items()}
    try:
        token = token_of(request.POST.get("token"))
        keeping.keep(upload, **ids, by=reader(request), now=clock.now(), token=token)
    except Invalid as error:
        return _section(request, **on, problem=str(error))
    if request.headers.get("HX-Request"):
        return _section(request, **on)
    (name, row), *_rest = on.items()
    return redirect("contacts:person" if name == "contact" else "contacts:account", row.pk)


@allowed("contact.view")
@require_GET
def open_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Hand a file out: always as a download, but for a picture that is asked for with ?show=1."""
    row = get_object_or_404(_visible(request), pk=file_id)
    inline = row.is_picture and request.GET.get("show") == "1"
    try:
        content = row.stored.open("rb")
    except FileNotFoundError:
        return render(request, "404.html", status=404)
    answer = FileResponse(content, as_attachment=not inline, filename=row.name, content_type=row.type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@allowed("contact.edit")
@require_POST
def delete(request: HttpRequest, file_id: int) -> HttpResponse:
    """Delete a file for good."""
    row = get_object_or_404(_visible(request), pk=file_id)
    on: dict[str, Any] = {"contact": row.contact} if row.contact_id else {"account": row.account}
    keeping.delete(row)
    if request.headers.get("HX-Request"):
        return _section(request, **on)
    (name, owner), *_rest = on.items()
    return redirect("contacts:person" if name == "contact" else "contacts:account", owner.pk)
