"""Pages of lists and tags."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import Invalid, StaleEdit
from contacts.lists import fixed, labels, membership
from contacts.lists.models import FixedList, Tag
from contacts.people import queries
from contacts.people.filters import BadFilter
from contacts.people.posted import once
from contacts.people.selection import Selection
from contacts.people.views.door import token_of
from crm.kit import clock, locking
from crm.kit.locking import Lockable, Thing
from crm.team.permissions import allowed, reader


class ListForm(Lockable):
    """What of a list is edited; the page draws it by itself."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False)
    description = forms.CharField(label=gettext_lazy("Description"), required=False)

    @classmethod
    def of(cls, row: FixedList) -> "ListForm":
        """Return the form of a stored list."""
        return cls(initial={"name": row.name, "description": row.description}).opened(row.version)


@allowed("contact.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show all lists and tags with how many people they hold."""
    context = {"lists": queries.lists_with_counts(), "tags": queries.tags_with_counts()}
    return render(request, "contacts/lists.html", context)


@allowed("list.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make an empty list; the same form posted twice makes one."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        name, description, token = _typed(request)
        try:
            made, _first = once(token, lambda: fixed.create(name, description, by=reader(request), now=clock.now()).pk)
        except Invalid as error:
            errors = error.errors
        else:
            return redirect("contacts:list", made)
    context = {"errors": errors, "typed": request.POST, "token": request.POST.get("token") or token_of(None)}
    return render(request, "contacts/list_form.html", context, status=400 if errors else 200)


def _typed(request: HttpRequest) -> tuple[str, str, Any]:
    post = request.POST
    return post.get("name", ""), post.get("description", ""), token_of(post.get("token"))


@allowed("contact.view")
@require_GET
def show(request: HttpRequest, list_id: int) -> HttpResponse:
    """Show one list and its people."""
    row = get_object_or_404(FixedList.objects.select_related("created_by"), pk=list_id)
    page = queries.members_page(row, reader(request), request.GET.get("cursor", ""))
    total = row.members.count()
    words = ngettext("%(n)d person", "%(n)d people", total) % {"n": total}
    return render(request, "contacts/list.html", {"list": row, "page": page, "total": total, "counted": words})


@allowed("list.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, list_id: int) -> HttpResponse:
    """Rename a list. A stale edit leads to the choice between what is stored and what was typed."""
    row = get_object_or_404(FixedList, pk=list_id)
    form = ListForm(locking.chosen(request.POST)) if request.method == "POST" else ListForm.of(row)
    typed = {name: form[name].value() or "" for name in ("name", "description", "version", "seen")}
    context: dict[str, Any] = {"list": row, "typed": typed}
    if request.method == "GET" or "further" in request.POST:
        return render(request, "contacts/list_form.html", context)
    form.is_valid()
    try:
        fixed.rename(row.pk, typed["name"], typed["description"], version=form.at_version())
    except StaleEdit:
        return _stale(request, form, FixedList.objects.get(pk=row.pk))
    except Invalid as error:
        return render(request, "contacts/list_form.html", {**context, "errors": error.errors}, status=400)
    messages.success(request, _("Saved."))
    return redirect("contacts:list", row.pk)


def _stale(request: HttpRequest, form: ListForm, current: FixedList) -> HttpResponse:
    place, back = (reverse(f"contacts:{name}", args=[current.pk]) for name in ("list-edit", "list"))
    return locking.merge_page(request, form, ListForm.of(current), Thing(current.name, current.version, place, back))


@allowed("list.edit")
@require_POST
def delete(request: HttpRequest, list_id: int) -> HttpResponse:
    """Delete a list; its people stay."""
    row = get_object_or_404(FixedList, pk=list_id)
    fixed.delete(row)
    messages.success(request, _("The list “%(name)s” is deleted. Its people are still here.") % {"name": row.name})
    return redirect("contacts:lists")


@allowed("list.edit")
@require_POST
def remove(request: HttpRequest, list_id: int) -> HttpResponse:
    """Take the ticked people off the list."""
    row = get_object_or_404(FixedList, pk=list_id)
    try:
        ids = Selection.posted(request.POST).ids if not request.POST.get("everyone") else ()
    except BadFilter as error:
        raise BadRequest(str(error)) from error
    gone = membership.remove(row, ids, by=reader(request), now=clock.now())
    words = ngettext("%(n)d person is no longer on the list.", "%(n)d people are no longer on the list.", gone)
    messages.success(request, words % {"n": gone})
    return redirect("contacts:list", row.pk)


@allowed("list.edit")
@require_POST
def add_tag(request: HttpRequest) -> HttpResponse:
    """Make a tag; one that exists stays as it is."""
    try:
        membership.tag_named(request.POST.get("name", ""))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("contacts:lists")


@allowed("list.edit")
@require_POST
def rename_tag(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Rename a tag everywhere. `before` is the name the reader saw."""
    row = get_object_or_404(Tag, pk=tag_id)
    try:
        labels.rename(row.pk, request.POST.get("name", ""), before=request.POST.get("before", ""))
    except (Invalid, StaleEdit) as error:
        messages.error(request, str(error))
    return redirect("contacts:lists")


@allowed("list.edit")
@require_POST
def delete_tag(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Delete a tag; its people stay."""
    row = get_object_or_404(Tag, pk=tag_id)
    labels.delete(row)
    messages.success(request, _("The tag “%(name)s” is deleted.") % {"name": row.name})
    return redirect("contacts:lists")
