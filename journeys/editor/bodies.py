"""What the doors of the editor and of rehearsals are asked, and how they refuse it: JSON both ways."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse

from journeys.editor.drawn import told
from journeys.errors import Problem

MOST_BYTES = 4_000_000


def posted(request: HttpRequest) -> Mapping[str, Any]:
    """Return the JSON of the body; {} for what is none, which each door then refuses by its parts."""
    try:
        found = json.loads(request.body) if len(request.body) <= MOST_BYTES else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def refused(problems: Iterable[Problem]) -> JsonResponse:
    """Return the answer that lists what stands in the way."""
    return JsonResponse({"problems": [told(problem) for problem in problems]}, status=400)
