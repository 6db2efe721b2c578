"""Views from routes, and the OpenAPI document that describes them (drf-spectacular, 3.1)."""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from crm.api.fields import Body
from crm.api.problems import MEDIA_TYPE
from crm.api.route import FILE_TYPE, LARGEST_PAGE, PAGE, Param, Route
from crm.api.view import ApiView

_NUMBERS = re.compile(r"<row:(\w+)>")
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description="A repeat with this key gets the first answer; kept for 24 hours.",
)


class WrongShown(Body):
    path = serializers.CharField(help_text="Leads to what is wrong, such as contacts.3.email.", allow_blank=True)
    message = serializers.CharField(help_text="What is wrong.")


class ProblemShown(Body):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="Leads to the section of the documentation.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    errors = WrongShown(many=True)
    current = serializers.DictField(required=False, help_text="Of a stale change: the row as it stands.")
    scope = serializers.CharField(required=False, help_text="The scope that the token lacks.")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "crm.api.entering.Token"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 - its signature
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "description": "A token of /team/tokens/: Bearer wf_…"}


def view_of(path: str, routes: Mapping[str, Route]) -> type[ApiView]:
    """Return the view of all verbs of one path."""
    members: dict[str, Any] = {route.method.lower(): _verb(route) for route in routes.values()}
    name = "".join(part.capitalize() for part in re.findall(r"\w+", path)) + "View"
    return type(name, (ApiView,), {"routes": routes, "__module__": __name__, **members})


def _verb(route: Route) -> Any:
    def verb(self: ApiView, request: Any, **path: int) -> Any:
        return self.answer(request, path)

    verb.__name__ = route.method.lower()
    description = extend_schema(
        operation_id=route.name,
        summary=route.summary,
        description=route.text,
        tags=[route.tag],
        parameters=[
            *_path(route),
            *map(_param, route.params),
            *([KEY] if route.method == "POST" and not route.file else []),
        ],
        request={"application/json": route.takes} if route.takes else None,
        responses=_responses(route),
        examples=_examples(route),
        extensions={"x-scope": route.scope.value, "x-action": route.action.value if route.action else None},
    )
    return description(verb)


def _path(route: Route) -> list[OpenApiParameter]:
    shape = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return [OpenApiParameter(name, shape, OpenApiParameter.PATH) for name in _NUMBERS.findall(route.path)]


def _param(param: Param) -> OpenApiParameter:
    shape: dict[str, Any] = {"type": "string", "pattern": r"^[^\x00]*$", "maxLength": 2000}
    if param.choices:
        shape = {"type": "string", "enum": list(param.choices)}
    elif param.number:
        shape = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    elif param.name == "limit":
        shape = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}
    if param.several:
        shape = {"type": "array", "items": shape}
    examples = [OpenApiExample(param.name, value=param.example)] if param.example else []
    return OpenApiParameter(
        param.name, shape, OpenApiParameter.QUERY, description=param.text, explode=True, style="form", examples=examples
    )


def _responses(route: Route) -> dict[Any, Any]:
    refused = {400, 401, 403, 429, *route.refuses}
    refused |= {404} if "<" in route.path else set()
    refused |= {413, 415} if route.takes else set()
    refused |= {409, 422} if route.method == "POST" else set()
    found: dict[Any, Any] = {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemShown, description=_said(status)) for status in sorted(refused)
    }
    given: Any = (route.status, FILE_TYPE) if route.file else route.status
    return {given: _given(route), **found}


def _said(status: int) -> str:
    return _WORDS[status]


_WORDS = {
    400: "The request is not right; `errors` says what, and where.",
    401: "No token, or one that does not work.",
    403: "The token's scopes or the role do not include this.",
    404: "There is no such thing that the reader may see.",
    409: "It conflicts with what is there, or the first request with this key still runs.",
    413: "The body is too large.",
    415: "The body is no JSON.",
    422: "It cannot be done as things stand; `errors` says why.",
    429: "Too many requests; see Retry-After.",
}


def _given(route: Route) -> Any:
    if route.file:
        return OpenApiResponse(bytes, description="The file.")
    if route.gives is None:
        return OpenApiResponse(description="Done.")
    shape = _page_of(route) if route.pages or route.beside else route.gives
    return OpenApiResponse(shape, description="Done.")


def _page_of(route: Route) -> type[serializers.Serializer]:
    assert route.gives is not None
    members: dict[str, Any] = {
        "results": route.gives(many=True),
        "next": serializers.CharField(allow_null=True, help_text="The address of the next page, null at the end."),
        **route.beside,
    }
    name = "".join(part.capitalize() for part in route.name.split("_"))
    return type(f"{name}Shown", (Body,), members)


def _examples(route: Route) -> list[OpenApiExample]:
    found = []
    if route.example is not None:
        found.append(OpenApiExample("A request", value=route.example, request_only=True))
    if route.answer is not None:
        status = [str(route.status)]
        found.append(OpenApiExample("An answer", value=route.answer, response_only=True, status_codes=status))
    return found
