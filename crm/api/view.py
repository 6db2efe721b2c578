"""The frame of every request to the API: bounds, who asks, what she may, how often, once; then the route's function."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api import once, pace
from crm.api.bodies import Json, check_head
from crm.api.entering import Token, asker_of
from crm.api.problems import Refusal
from crm.api.route import Asked, Listing, Route
from crm.kit import clock
from crm.team.models import ApiToken, User
from crm.team.permissions import require

_WRITES = ("POST", "PATCH", "PUT", "DELETE")


class OnlyJson(BaseContentNegotiation):
    """JSON is all there is, whatever the client would like best."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the only parser for JSON, none for another type."""
        return parsers[0] if request.content_type.partition(";")[0].strip() == "application/json" else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:  # noqa: ARG002
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """All verbs of one path; made by `view_of` with its `routes` by method."""

    routes: ClassVar[Mapping[str, Route]] = {}
    authentication_classes = [Token, SessionAuthentication]
    permission_classes: ClassVar[list[Any]] = []
    renderer_classes = [JSONRenderer]
    parser_classes = [Json]
    content_negotiation_class = OnlyJson
    metadata_class = None
    format_kwarg = None

    def largest(self, method: str) -> int:
        """Return how many bytes a body of this method may have."""
        return self.routes[method].largest if method in self.routes else 0

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Check all that can be known before the body is read. Raises Refusal and DRF's errors."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        del args, kwargs
        route = self.routes.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            raise MethodNotAllowed(request.method)
        check_head(request._request, route.largest)  # noqa: SLF001 - Django's request
        self.perform_authentication(request)
        self._check(request, route)

    def _check(self, request: Any, route: Route) -> None:
        if not isinstance(request.user, User):
            raise NotAuthenticated(_("Send a token: Authorization: Bearer wf_…"))
        token = request.auth if isinstance(request.auth, ApiToken) else None
        self.asker = asker_of(request.user, token)
        self.pace = pace.take(self.asker, clock.now())
        self.scopes = token.scopes if token else None
        Asked(request.user, request.query_params, {}, clock.now(), self.scopes).need(route.scope)
        if route.action is not None:
            require(request.user, route.action)
        route.check_query(request.query_params)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add what every answer tells."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if "pace" in self.__dict__:
            for name, value in self.pace.headers().items():
                response.headers.setdefault(name, value)
        response.headers["Cache-Control"] = "no-store"
        answered: HttpResponse = response
        return answered

    def answer(self, request: Any, path: Mapping[str, int]) -> Response:
        """Do what is asked and return its answer."""
        route = self.routes["GET" if request.method == "HEAD" else request.method]
        zone = ZoneInfo(request.user.time_zone)
        with timezone.override(zone):
            body = self._body(request, route)
            asked = Asked(request.user, request.query_params, body, clock.now(), self.scopes)
            if route.file:
                return route.do(asked, **path)
            key = request.headers.get("Idempotency-Key") if route.is_kept else None
            if key is None:
                return self._plain(request, route, asked, path)
            return self._once(request, route, asked, path, key)

    def _plain(self, request: Any, route: Route, asked: Asked, path: Mapping[str, int]) -> Response:
        body = _shaped(request, route, route.do(asked, **path))
        return Response(None if route.status == 204 else body, route.status)

    def _once(self, request: Any, route: Route, asked: Asked, path: Mapping[str, int], key: str) -> Response:
        once.check_key(key)
        raw = getattr(request, "raw_body", b"")
        wanted = once.Request(self.asker, key, request.get_full_path(), raw)

        def do() -> tuple[int, Any]:
            return route.status, _shaped(request, route, route.do(asked, **path))

        given = once.once(wanted, do, lambda body: JSONRenderer().render(body).decode(), asked.now)
        headers = {"Idempotent-Replayed": "true"} if given.again else {}
        return Response(once.read(given) if given.text else None, given.status, headers=headers)

    def _body(self, request: Any, route: Route) -> Mapping[str, Any]:
        if route.takes is None:
            if request.method in _WRITES and request.data not in ({}, None):
                raise Refusal("invalid", _("Send no body here."))
            return {}
        serializer = route.takes(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: Mapping[str, Any] = serializer.validated_data
        return values


def _shaped(request: Any, route: Route, found: Any) -> Any:
    """Return what goes out: of a Listing its members and the next page, of a row the members asked for."""
    if not isinstance(found, Listing):
        return _picked(request, route, [found])[0] if isinstance(found, dict) and route.method == "GET" else found
    rows = _picked(request, route, found.rows)
    following = _next(request, found.next_cursor) if found.next_cursor else None
    return {"results": rows, "next": following, **found.more}


def _picked(request: Any, route: Route, rows: Any) -> list[Any]:
    if not request.query_params.get("fields") or route.gives is None:
        return list(rows)
    names = route.picked(request.query_params)
    return [{name: row[name] for name in names if name in row} for row in rows]


def _next(request: Any, cursor: str) -> str:
    pairs = [(name, value) for name, values in request.query_params.lists() for value in values if name != "cursor"]
    return str(request.build_absolute_uri(f"{request.path}?{urlencode([*pairs, ('cursor', cursor)])}"))


class Nowhere(ApiView):
    """Every address below the API that does not exist."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Say so, whatever was asked."""
        del args, kwargs
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        raise Refusal("not-found", _("There is nothing at this address."))
