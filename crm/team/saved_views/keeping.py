"""Keeping views of lists: saving, changing, sharing, deleting, and which one a list opens with."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.kit.registry import Registry
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.team.models import Role, User
from crm.team.permissions import Action
from crm.team.saved_views.models import DefaultView, SavedView

MOST = 100  # views of one colleague on one page
LONGEST_QUERY = 4_000
_NOT_KEPT = ("cursor", "view")


@dataclass(frozen=True)
class ViewedPage:
    """A list that has views: the name of its URL, and who may open it. Registered by the app of the list."""

    key: str
    url_name: str
    action: Action


PAGES: Registry[ViewedPage] = Registry("lists with views", ViewedPage, lambda page: page.key)


class WrongView(Exception):
    """The view cannot be kept so; `str` says why. Nothing was changed."""


def normal(query: QueryDict) -> str:
    """Return what a view keeps of a query string: all but empty values, and where one had leafed to."""
    kept = QueryDict(mutable=True)
    for key, values in query.lists():
        if key not in _NOT_KEPT and any(values):
            kept.setlist(key, [value for value in values if value])
    return kept.urlencode()


def of(user: User, page: str) -> QuerySet[SavedView]:
    """Return the views of a page that `user` may open: her own, then those that others share, by name."""
    mine = Q(owner=user) | Q(shared=True)
    return SavedView.objects.filter(mine, page=page).select_related("owner").order_by("name", "pk")


def may_change(view: SavedView, user: User) -> bool:
    """Tell whether `user` may rename, overwrite, share or delete the view: its owner, and admins."""
    return view.owner_id == user.pk or user.role == Role.ADMIN


def save(user: User, page: str, name: str, query: QueryDict, *, shared: bool, now: datetime) -> SavedView:
    """Keep and return a new view. Raises WrongView."""
    if SavedView.objects.filter(owner=user, page=page).count() >= MOST:
        raise WrongView(
            _("You have %(most)d views of this list. Delete one that is not used any more.") % {"most": MOST}
        )
    kept = _query(query)
    return _written(SavedView(page=page, name=_name(name), query=kept, shared=shared, owner=user, changed_at=now))


def change(view: SavedView, name: str, query: QueryDict | None, *, shared: bool, by: User, now: datetime) -> SavedView:
    """Rename and share it, or keep it to its owner; `query` puts something else under its name. Raises WrongView."""
    _require(view, by)
    view.name, view.shared, view.changed_at = _name(name), shared, now
    if query is not None:
        view.query = _query(query)
    return _written(view)


def delete(view: SavedView, *, by: User) -> None:
    """Delete the view; lists that opened with it open with everything."""
    _require(view, by)
    view.delete()


def open_with(view: SavedView | None, page: str, *, user: User) -> None:
    """Let the page open with this view for `user`; None: with everything. A repeat is harmless."""
    if view is None:
        DefaultView.objects.filter(user=user, page=page).delete()
        return
    DefaultView.objects.update_or_create(user=user, page=page, defaults={"view": view})


def opening(user: User, page: str) -> SavedView | None:
    """Return the view a page opens with for `user`, as long as she may open it."""
    found = DefaultView.objects.filter(user=user, page=page).select_related("view").first()
    return found.view if found and (found.view.shared or found.view.owner_id == user.pk) else None


def _require(view: SavedView, user: User) -> None:
    if not may_change(view, user):
        raise PermissionDenied(_("Only its owner and admins may change a view."))


def _name(raw: str) -> str:
    try:
        name = clean_line(raw)
    except ForbiddenCharacter as error:
        raise WrongView(_("Line breaks and control characters are not allowed here.")) from error
    if not 1 <= len(name) <= 80:
        raise WrongView(_("A name has 1 to %(limit)d characters.") % {"limit": 80})
    return name


def _query(query: QueryDict) -> str:
    kept = normal(query)
    if len(kept) > LONGEST_QUERY:
        raise WrongView(_("There are too many filters for one view."))
    return kept


def _written(view: SavedView) -> SavedView:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise WrongView(_("This name is already in use. Choose another one.")) from error
    return view
