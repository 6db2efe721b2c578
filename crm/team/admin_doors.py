"""The admin has no log-in, log-out, password and history page of its own: these lead to the product's."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.team.trail.kinds import tables

logout = LogoutView.as_view()


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """Send guests to log-in. Who is logged in and comes here was refused by the admin: say so, instead of a loop."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("The set-up pages are not part of your role. An admin can change roles."))
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


def password(_request: HttpRequest) -> HttpResponse:
    """Send to the one page where passwords are changed."""
    return redirect("team:password")


def history(_request: HttpRequest, app: str, model: str, object_id: int) -> HttpResponse:
    """Send to what the trail knows of the object. Raises Http404 for a model that it does not watch."""
    for kind, table in tables():
        if table.model._meta.label_lower == f"{app}.{model}" and not table.part:
            return redirect("team:trail-of", kind.key, object_id)
    raise Http404
