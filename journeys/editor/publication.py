"""Publishing from the editor: what stands in the way, what changes, whom it moves; asked before anything happens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from journeys.errors import Severity
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.journey.models import Journey

Context = dict[str, Any]


@require_safe
def publish(request: HttpRequest, number: int, context: Context) -> HttpResponse:  # noqa: ARG001 - a part of a page
    """Say what stands in the way of publishing."""
    journey = get_object_or_404(Journey, pk=number)
    found = problems(parse(journey.draft))
    shown = {"journey": journey, "errors": [problem for problem in found if problem.severity == Severity.ERROR]}
    return TemplateResponse(request, "journeys/editor/publish.html", shown)
