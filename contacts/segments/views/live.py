"""What a rule means while it is being written: problems, sentence, count, people, overlap; values to choose from."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contacts.everybody import TooSlow
from contacts.segments import counting, suggesting
from contacts.segments.errors import BadRule, Problem, Wrong
from contacts.segments.rules.fields.field import Choices, Field, Suggestion
from contacts.segments.rules.fields.named import field_named
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.schema import schema
from contacts.segments.rules.sentence import sentence
from contacts.segments.rules.subjects import SUBJECT_TYPES
from contacts.segments.views import overlapping, properties, telling
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action, allowed, reader

LONGEST_TYPED = 200


@allowed(Action.SEGMENT_VIEW)
@require_GET
def nothing(_request: HttpRequest) -> HttpResponse:
    """Answer the address that only leads to its parts."""
    raise BadRequest(_("Ask for a part: check, people or overlap."))


@allowed(Action.SEGMENT_VIEW)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Return what is wrong and where, else the rule in words with its warning."""
    try:
        rule = _posted(request)
    except BadRule as error:
        html = render_to_string("contacts/segments/live_problems.html", {"problems": error.problems}, request)
        return JsonResponse(
            {"problems": [_told(one) for one in error.problems], "html": html, "count": _count(request)}
        )
    html = render_to_string("contacts/segments/live_summary.html", telling.of_rule(rule), request)
    return JsonResponse({"problems": [], "html": html, "count": _estimate(request, rule)})


def _estimate(request: HttpRequest, rule: Rule) -> str:
    try:
        found = counting.estimate(rule, reader(request), clock.now())
        counted: dict[str, Any] = {"number": found.people} if found.is_exact else {"estimate": found}
    except TooSlow as error:
        counted = {"problem": str(error)}
    return _count(request, **counted)


def _count(request: HttpRequest, **counted: Any) -> str:
    return render_to_string("contacts/segments/live_count.html", counted, request)


@allowed(Action.SEGMENT_VIEW)
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """Return the exact count, a sample of who matches, and of who just misses."""
    rule, user, now = _whole(request), reader(request), clock.now()
    try:
        counted: dict[str, Any] = {"number": counting.exact(rule, user, now)}
        shown = _examples(rule, user, now)
    except TooSlow as error:
        counted, shown = {"problem": str(error)}, {}
    html = render_to_string("contacts/segments/live_people.html", shown, request)
    return JsonResponse({"count": _count(request, **counted), "html": html})


def _examples(rule: Rule, user: User, now: datetime) -> dict[str, Any]:
    parts = [sentence(child) for child in rule.root.children]
    misses = counting.near_misses(rule, user, now)
    return {
        "sample": counting.sample(rule, user, now),
        "misses": [{"contact": miss.contact, "failing": parts[miss.failing]} for miss in misses],
    }


@allowed(Action.SEGMENT_VIEW)
@require_POST
def overlap(request: HttpRequest) -> HttpResponse:
    """Return how many of the rule's people are in each of the chosen segments (`with`)."""
    rule = _whole(request)
    try:
        context = overlapping.with_rule(rule, request.POST.getlist("with"), reader(request), clock.now())
    except TooSlow as error:
        context = {"problem": str(error)}
    return JsonResponse({"html": render_to_string("contacts/segments/overlap_table.html", context, request)})


def _whole(request: HttpRequest) -> Rule:
    """Return the rule of the request; a wrong one is a bad request, since its problems were told by check."""
    try:
        return _posted(request)
    except BadRule as error:
        raise BadRequest(str(error)) from error


def _posted(request: HttpRequest) -> Rule:
    """Return the rule of the request. Raises BadRule."""
    return parse(request.POST.get("definition", ""))


def _told(problem: Problem) -> dict[str, Any]:
    return {"path": list(problem.path), "text": problem.message}


@allowed(Action.SEGMENT_VIEW)
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Return values to choose by what was typed (q), or the words of known values (keys).

    `field`: of a field; `subject`: what events can be about; `kind`, maybe with `property`: of events' properties.
    """
    asked, user = request.GET, reader(request)
    typed = asked.get("q", "").replace("\0", "")[:LONGEST_TYPED].strip()
    if not {"field", "subject"} & asked.keys():
        kind, name = asked.get("kind", ""), asked.get("property", "")
        pairs = properties.values(user, kind, name, typed) if name else properties.names(user, kind)
        return _offered([Suggestion(value, value, n) for value, n in pairs])
    field = _field(asked)
    choices = field.choices if field else _choices_of_subject(asked.get("subject", ""))
    if choices is None:
        return _offered([])
    if keys := asked.getlist("keys")[:500]:
        return _offered(_named(choices, keys))
    return _offered(suggesting.suggest(field, typed, user) if field else choices.search(typed, user))


def _field(asked: QueryDict) -> Field | None:
    if "field" not in asked:
        return None
    try:
        return field_named(asked.get("field", ""))
    except Wrong as error:
        raise BadRequest(str(error)) from error


def _choices_of_subject(noun: str) -> Choices:
    if noun not in SUBJECT_TYPES:
        raise BadRequest(_("There is nothing of this sort to choose from."))
    return SUBJECT_TYPES[noun].choices


def _offered(found: Iterable[Suggestion]) -> JsonResponse:
    return JsonResponse({"values": [{"value": s.value, "label": str(s.label), "count": s.count} for s in found]})


def _named(choices: Choices, keys: list[str]) -> list[Suggestion]:
    """Return the words of known values; rows are known by number."""
    numbers = [int(key) for key in keys if key.isdecimal() and key.isascii() and len(key) < 19]
    return [Suggestion(value, label) for value, label in choices.labels([*numbers, *keys]).items()]


@allowed(Action.SEGMENT_VIEW)
@require_GET
def published_schema(_request: HttpRequest) -> HttpResponse:
    """Return the JSON schema of definitions."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False, "indent": 2})
