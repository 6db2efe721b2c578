"""Saved views of lists: filters, order and columns under a name, one's own and those that colleagues share."""

from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.api.fields import Body, Text, Yes
from crm.api.problems import Refusal, invalid
from crm.api.route import Asked, Door, Listing, Param
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action, require
from crm.team.saved_views import keeping
from crm.team.saved_views.keeping import PAGES, WrongView
from crm.team.saved_views.models import SavedView

DOOR = Door("Saved views", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
ONE = "views/<row:view_id>"


class ViewIn(Body):
    page = Text(max_length=30, allow_blank=False, help_text=_("Of which list, such as people."))
    name = Text(max_length=80, allow_blank=False)
    query = Text(max_length=4000, required=False, help_text=_("The query string of the list."))
    shared = Yes(required=False, help_text=_("With everybody; else it is yours alone."))


class ViewPatch(Body):
    name = Text(max_length=80, allow_blank=False, required=False)
    query = Text(max_length=4000, required=False)
    shared = Yes(required=False)


class ViewShown(Body):
    """One way to look at a list."""

    id = serializers.IntegerField()
    page = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField(allow_blank=True)
    shared = serializers.BooleanField()
    owner_id = serializers.IntegerField()
    changed_at = serializers.DateTimeField()


def _shown(row: SavedView) -> dict[str, Any]:
    names = ("page", "name", "query", "shared", "owner_id", "changed_at")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def _page(asked: Asked, key: str) -> str:
    """Return the list's key. Raises Refusal for one that has no views, PermissionDenied for one you may not open."""
    if key not in PAGES:
        raise invalid("page", str(_("This list has no views. Known: %(known)s.")) % {"known": ", ".join(_pages())})
    require(asked.user, PAGES[key].action)
    return key


def _pages() -> list[str]:
    return [page.key for page in PAGES]


@DOOR.get(
    "views", Action.CONTACT_VIEW, _("List saved views"), gives=ViewShown, pages=True,
    query=(Param("page", _("Of which list; people unless given."), example="people"),),
)  # fmt: skip
def list_views(asked: Asked) -> Listing:
    """Return your views of a list and those that others share, by name."""
    rows = keeping.of(asked.user, _page(asked, asked.text("page") or "people")).order_by()
    return Listing.of(keyset_page(rows, ("name", "id"), cursor=asked.cursor, size=asked.size), _shown)


@DOOR.post(
    "views", Action.CONTACT_VIEW, _("Save a view"), takes=ViewIn, gives=ViewShown, status=201,
    example={"page": "people", "name": "Busan", "query": "q=부산&sort=name", "shared": True},
)  # fmt: skip
def save_view(asked: Asked) -> dict[str, Any]:
    """Keep a new view of your own."""
    body, page = asked.body, _page(asked, asked.body["page"])
    query, shared = QueryDict(body.get("query", "")), body.get("shared", False)
    try:
        return _shown(keeping.save(asked.user, page, body["name"], query, shared=shared, now=asked.now))
    except WrongView as error:
        raise Refusal("refused", str(error)) from error


@DOOR.patch(
    ONE, Action.CONTACT_VIEW, _("Change a view"), takes=ViewPatch, gives=ViewShown, refuses=(422,),
    example={"shared": False},
)  # fmt: skip
def change_view(asked: Asked, view_id: int) -> dict[str, Any]:
    """Rename, share or refill a view; its owner and admins may."""
    row, body = _found(asked, view_id), asked.body
    name, shared = body.get("name", row.name), body.get("shared", row.shared)
    query = QueryDict(body["query"]) if "query" in body else None
    try:
        return _shown(keeping.change(row, name, query, shared=shared, by=asked.user, now=asked.now))
    except WrongView as error:
        raise Refusal("refused", str(error)) from error


@DOOR.delete(ONE, Action.CONTACT_VIEW, _("Delete a view"))
def delete_view(asked: Asked, view_id: int) -> None:
    """Delete a view; lists that opened with it open with everything."""
    keeping.delete(_found(asked, view_id), by=asked.user)


def _found(asked: Asked, view_id: int) -> SavedView:
    row = get_object_or_404(SavedView, pk=view_id)
    return get_object_or_404(keeping.of(asked.user, row.page), pk=view_id)
