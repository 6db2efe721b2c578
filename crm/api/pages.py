"""What people see of the API: its document, and the page that explains it, drawn from the document."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.api import samples
from crm.api.document import document as drawn
from crm.api.problems import STATUS, title
from crm.api.route import FILE_TYPE
from crm.team.api_tokens import TokenScope

# The tags of the document in the reader's words.
GROUPS = {
    "Contacts": gettext_lazy("Contacts"),
    "Parts of a person": gettext_lazy("Parts of a person"),
    "Notes and files": gettext_lazy("Notes and files"),
    "Duplicates": gettext_lazy("Duplicates"),
    "Acts on many people": gettext_lazy("Acts on many people"),
    "Leads": gettext_lazy("Leads"),
    "Accounts": gettext_lazy("Accounts"),
    "Lists and tags": gettext_lazy("Lists and tags"),
    "Topics": gettext_lazy("Topics"),
    "Segments": gettext_lazy("Segments"),
    "Attributes and stages": gettext_lazy("Attributes and stages"),
    "Scores": gettext_lazy("Scores"),
    "Products and orders": gettext_lazy("Products and orders"),
    "Events": gettext_lazy("Events"),
    "Events in the trade's form": gettext_lazy("Events in the trade's form"),
    "Campaigns": gettext_lazy("Campaigns"),
    "Journeys": gettext_lazy("Journeys"),
    "Webhooks": gettext_lazy("Webhooks"),
    "Imports": gettext_lazy("Imports"),
    "Exports": gettext_lazy("Exports"),
    "Saved views": gettext_lazy("Saved views"),
    "Team": gettext_lazy("Team"),
}


@login_not_required
@require_safe
def document(_request: HttpRequest) -> HttpResponse:
    """Give out the OpenAPI document."""
    return JsonResponse(drawn(), json_dumps_params={"ensure_ascii": False, "default": str})


@dataclass(frozen=True)
class Member:
    """One member of a body or an answer."""

    name: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True)
class Verb:
    """One operation as the page shows it."""

    key: str
    method: str
    path: str
    summary: str
    text: str
    scope: str
    params: list[Member]
    takes: list[Member]
    gives: list[Member]
    curl: str
    python: str
    example: str
    names: list[str]

    @property
    def is_read(self) -> bool:
        """Tell whether trying it changes nothing."""
        return self.method == "GET"


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show everything the API can do."""
    made = drawn()
    groups: dict[str, list[Verb]] = {}
    for path, verbs in made["paths"].items():
        for method, verb in verbs.items():
            groups.setdefault(verb["tags"][0], []).append(_verb(made, path, method, verb))
    context = {
        "groups": [
            {"name": str(GROUPS.get(name, name)), "key": name.lower().replace(" ", "-"), "verbs": own}
            for name, own in groups.items()
        ],
        "base": settings.BASE_URL,
        "scopes": TokenScope.choices,
        "problems": [{"key": key, "status": status, "title": title(key)} for key, status in STATUS.items()],
        "rate": settings.API_RATE,
    }
    return render(request, "api/docs.html", context)


def _verb(made: dict[str, Any], path: str, method: str, verb: dict[str, Any]) -> Verb:
    content = verb.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = list(content.get("examples", {}).values())
    example = examples[0]["value"] if examples else None
    given = next((code for code in verb["responses"] if code.startswith("2")), "200")
    contents = verb["responses"][given].get("content", {})
    answer, file = contents.get("application/json", {}), FILE_TYPE in contents
    shown = path.replace("{", "").replace("}", "")
    shown = "/".join("12" if part.endswith("_id") else part for part in shown.split("/"))
    sample = (settings.BASE_URL, method.upper(), shown, example)
    return Verb(
        key=verb["operationId"],
        method=method.upper(),
        path=path,
        summary=str(verb["summary"]),
        text=str(verb.get("description", "")),
        scope=verb["x-scope"],
        params=[_param(one) for one in verb.get("parameters", []) if one["in"] == "query"],
        takes=_members(made, content.get("schema", {})),
        gives=_members(made, answer.get("schema", {})),
        curl=samples.curl(*sample, file=file),
        python=samples.python(*sample, file=file),
        example=samples.pretty(example),
        names=[one["name"] for one in verb.get("parameters", []) if one["in"] == "path"],
    )


def _param(one: dict[str, Any]) -> Member:
    return Member(one["name"], _type({}, one["schema"]), bool(one.get("required")), str(one.get("description", "")))


def _members(made: dict[str, Any], shape: dict[str, Any]) -> list[Member]:
    whole = _resolved(made, shape)
    required = whole.get("required", [])
    return [
        Member(name, _type(made, inner), name in required, str(inner.get("description", "")))
        for name, inner in whole.get("properties", {}).items()
    ]


def _resolved(made: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in shape:
        shape = made["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    return shape


def _type(made: dict[str, Any], shape: dict[str, Any]) -> str:
    """Return a type in a word or two, such as string, integer, [string]."""
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"] if value is not None)
    if "$ref" in shape:
        return _type(made, _resolved(made, shape)) if made else "object"
    kind = shape.get("type", "object")
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if "array" in kinds:
        return f"[{_type(made, shape.get('items', {}))}]"
    said = shape.get("format") or " | ".join(kinds)
    return f"{said} | null" if shape.get("format") and "null" in kinds else said
