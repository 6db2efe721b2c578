"""Doors of the views of lists: save, change, delete, and choose the one a list opens with."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.kit import clock
from crm.team.permissions import Action, allowed, reader, require
from crm.team.saved_views import keeping
from crm.team.saved_views.bar import EVERYTHING, url_of
from crm.team.saved_views.models import SavedView


@allowed(Action.CONTACT_VIEW)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what a list shows under a new name, and open it."""
    user, post = reader(request), request.POST
    page = post.get("page", "")
    if page not in keeping.PAGES:
        raise Http404
    require(user, keeping.PAGES[page].action)
    query = QueryDict(post.get("query", ""))
    try:
        view = keeping.save(user, page, post.get("name", ""), query, shared=bool(post.get("shared")), now=clock.now())
    except keeping.WrongView as problem:
        messages.error(request, str(problem))
        return redirect(f"{reverse(keeping.PAGES[page].url_name)}?{keeping.normal(query) or 'view=' + EVERYTHING}")
    if post.get("default"):
        keeping.open_with(view, page, user=user)
    messages.success(request, _("The view is saved."))
    return redirect(url_of(view))


@allowed(Action.CONTACT_VIEW)
@require_POST
def change(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename or share a view, put what the list shows under its name (`keep`), or let the list open with it."""
    user, post = reader(request), request.POST
    view = _found(request, view_id)
    keep = QueryDict(post.get("query", "")) if post.get("keep") else None
    try:
        if keeping.may_change(view, user) and "name" in post:
            keeping.change(view, post["name"], keep, shared=bool(post.get("shared")), by=user, now=clock.now())
    except keeping.WrongView as problem:
        messages.error(request, str(problem))
        return redirect(url_of(_found(request, view_id)))
    if "default" in post:
        keeping.open_with(view if post["default"] else None, view.page, user=user)
    messages.success(request, _("Saved."))
    return redirect(url_of(view))


@allowed(Action.CONTACT_VIEW)
@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view; the list stays."""
    view = _found(request, view_id)
    url = reverse(keeping.PAGES[view.page].url_name)
    keeping.delete(view, by=reader(request))
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
    return redirect(f"{url}?view={EVERYTHING}")


def _found(request: HttpRequest, view_id: int) -> SavedView:
    user = reader(request)
    view = get_object_or_404(SavedView, pk=view_id)
    if not (view.shared or view.owner_id == user.pk):
        raise Http404
    require(user, keeping.PAGES[view.page].action)
    return view
