"""The one place that holds everybody to the second factor. A middleware, right after the one that knows the user."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from crm.kit import clock
from crm.team.models import User
from crm.team.second_factor import factor
from crm.team.sign_ins import entry

# What somebody may open who still has to set hers up.
OPEN = {"team:second-factor", "team:second-factor-set-up", "team:logout", "team:preferences"}


class SecondFactorGate:
    """A session that did not prove the second factor is a guest's, by whatever way it came to be logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            if user.second_factor_at and request.session.get(entry.PROVED) != user.second_factor_at.isoformat():
                request.user = AnonymousUser()
            else:
                entry.seen(request, clock.now())
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Lead who must have a second factor and has none to the page where it is set up."""
        user, matched = request.user, request.resolver_match
        if not isinstance(user, User) or user.second_factor_at or not factor.is_required(user):
            return None
        if matched is None or matched.view_name in OPEN:
            return None
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": reverse("team:second-factor-set-up")})
        return redirect("team:second-factor-set-up")
