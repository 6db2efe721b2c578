"""The bar of views above a list: which there are, which is open, and whether it was changed since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.team.permissions import reader
from crm.team.saved_views import keeping
from crm.team.saved_views.models import SavedView

EVERYTHING = "all"  # the value of `view` that opens the plain list, whatever the list opens with

type Gone = Callable[[QueryDict], Sequence[str]]


@dataclass(frozen=True)
class Tab:
    """One view to choose; `current` when it is open."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Bar:
    """What components/saved_views.html shows. `query` would be kept now; `gone` is what the view asks for in vain."""

    page: str
    tabs: Sequence[Tab]
    view: SavedView | None
    query: str
    is_changed: bool
    may_change: bool
    is_default: bool
    gone: Sequence[str]


def url_of(view: SavedView) -> str:
    """Return the address that opens a view: its whole state, and its number."""
    base = reverse(keeping.PAGES[view.page].url_name)
    return f"{base}?view={view.pk}" + (f"&{view.query}" if view.query else "")


def opened(request: HttpRequest, page: str) -> HttpResponse | None:
    """Lead to the view with which the list opens, when nothing at all is asked for; else None."""
    view = keeping.opening(reader(request), page) if not request.GET else None
    return redirect(url_of(view)) if view else None


def bar(request: HttpRequest, page: str, gone: Gone) -> Bar:
    """Return the bar of a list; `gone` says in sentences which parts of a query string are not there any more."""
    user, asked = reader(request), request.GET.get("view", "")
    views = list(keeping.of(user, page))
    view = next((each for each in views if str(each.pk) == asked), None)
    query = keeping.normal(request.GET)
    plain = f"{reverse(keeping.PAGES[page].url_name)}?{urlencode({'view': EVERYTHING})}"
    default = keeping.opening(user, page) if view else None
    tabs = [Tab(_("Everything"), plain, view is None)]
    tabs += [Tab(each.name, url_of(each), each is view) for each in views]
    return Bar(
        page=page,
        tabs=tabs,
        view=view,
        query=query,
        is_changed=query != (view.query if view else ""),
        may_change=view is not None and keeping.may_change(view, user),
        is_default=view is not None and default is not None and default.pk == view.pk,
        gone=gone(request.GET) if view else (),
    )
