"""Tells the trail who acts, in every request that may change something."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from crm.kit.network import network_of
from crm.team.models import ApiToken, User
from crm.team.trail.acting import Actor, begin, end
from crm.team.trail.models import Door

HARMLESS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class Trail:
    """Say who acts before a view runs that may change something, and that nobody does after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            end()

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Name the signed-in user and the page. A token of the API is known later, to its own log-in."""
        if request.method in HARMLESS or not isinstance(request.user, User):
            return
        matched = request.resolver_match
        assert matched is not None
        door = Door.ADMIN if "admin" in matched.app_names else Door.PAGE
        begin(Actor(request.user, door, matched.view_name, network_of(request)))


def say_token(request: HttpRequest, token: ApiToken) -> None:
    """Say that the user of an API token acts; called by the API's log-in, which alone knows her."""
    if request.method in HARMLESS:
        return
    matched = request.resolver_match
    place = matched.view_name if matched else ""
    begin(Actor(token.user, Door.API, place, network_of(request), token.name))
