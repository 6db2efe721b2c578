"""The builder of segment rules in a frame of the editor: opened on a rule, it hands back what was written."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.rules.parsing import parse
from contacts.segments.views.catalogue import catalogue
from contacts.segments.views.forms import EMPTY, SegmentForm
from contacts.segments.views.words import icons, words
from crm.kit.text import ForbiddenCharacter, clean_text

Context = dict[str, Any]


@xframe_options_sameorigin
@require_POST
def rule(request: HttpRequest, context: Context) -> HttpResponse:  # noqa: ARG001 - a page of the web UI in a frame
    """Show the builder on the posted definition; without `open` it was written there: check it and hand it over."""
    text = request.POST.get("definition", "").strip() or EMPTY
    problems: list[str] = []
    if "open" not in request.POST:
        try:
            definition = parse(clean_text(text)).stored()
        except BadRule as error:
            problems = [str(problem) for problem in error.problems]
        except ForbiddenCharacter as error:
            problems = [str(error)]
        else:
            written = {"wayfare": "rule", "definition": json.dumps(definition, ensure_ascii=False)}
            return TemplateResponse(request, "journeys/editor/rule_written.html", {"written": written})
    shown = {
        "form": SegmentForm(initial={"definition": text}),
        "segment": None,
        "others": Segment.objects.none(),
        "catalogue": catalogue(),
        "words": words(),
        "icons": icons(),
        "problems": problems,
        "dirty": bool(problems),
    }
    return TemplateResponse(request, "journeys/editor/rule.html", shown, status=400 if problems else 200)
