"""What the canvas shows of a drawing: each step and trigger in words, its ways out, its mail, what is wrong with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from campaigns.templating.models import MailTemplate
from campaigns.templating.preview import subject_line
from journeys.errors import Problem
from journeys.graph.differing import title
from journeys.graph.filled import Filled, FilledStep, FilledTrigger, fill
from journeys.graph.graph import EMPTY, JUMP, Graph
from journeys.journey.checking import problems_of


def drawn(graph: Graph) -> dict[str, Any]:
    """Return `cards` and `triggers` by key and `problems`, as JSON in the active language."""
    filled = fill(graph)
    return {**looks(filled), "problems": [told(problem) for problem in problems_of(filled)]}


def looks(filled: Filled) -> dict[str, Any]:
    """Return `cards` and `triggers` alone: how a drawing looks, whether or not it could be published now."""
    mails = _mails(filled)
    return {
        "cards": {each.step.key: card(each, mails, filled.graph) for each in filled.steps},
        "triggers": {each.trigger.key: trigger(each) for each in filled.triggers},
    }


def card(filled: FilledStep, mails: Mapping[int, MailTemplate], graph: Graph) -> dict[str, Any]:
    """Return one step as its card shows it."""
    kind = filled.kind
    return {
        "label": str(kind.label) if kind else filled.step.kind,
        "icon": kind.icon if kind else "help",
        "shelf": kind.shelf if kind else "other",
        "said": _said(filled, graph),
        "outlets": [{"key": outlet.key, "label": str(outlet.label)} for outlet in filled.outlets],
        "mail": _mail(mails.get(_template_of(filled) or 0)),
    }


def trigger(filled: FilledTrigger) -> dict[str, Any]:
    """Return one trigger as the start shows it."""
    kind = filled.kind
    return {
        "label": str(kind.label) if kind else filled.trigger.kind,
        "icon": kind.icon if kind else "help",
        "said": filled.said,
    }


def told(problem: Problem) -> dict[str, str]:
    """Return a problem as JSON."""
    return {
        "code": problem.code,
        "message": problem.message,
        "at": problem.at,
        "field": problem.field,
        "severity": problem.severity.value,
    }


def of_step(filled: FilledStep) -> dict[str, Any]:
    """Return the card of one step by itself."""
    return card(filled, _mails_of([filled]), EMPTY)


def _said(filled: FilledStep, graph: Graph) -> str:
    """Return a step in words; a jump by what the step it leads to is called."""
    target = graph.by_key.get(str(filled.cleaned.get("to"))) if filled.step.kind == JUMP else None
    if target is None or filled.kind is None:
        return filled.said
    return filled.kind.said({**filled.cleaned, "to": title(target)})


def _template_of(filled: FilledStep) -> int | None:
    number = filled.step.settings.get("template")
    if filled.kind is None or not filled.kind.uses_mail:
        return None
    if isinstance(number, str) and number.isascii() and number.isdecimal():
        number = int(number[:18])
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _mails(filled: Filled) -> dict[int, MailTemplate]:
    return _mails_of(filled.steps)


def _mails_of(steps: Iterable[FilledStep]) -> dict[int, MailTemplate]:
    """Return the templates that steps name: one query for all."""
    numbers = {number for each in steps if (number := _template_of(each))}
    return MailTemplate.objects.in_bulk(numbers) if numbers else {}


def _mail(template: MailTemplate | None) -> dict[str, Any] | None:
    if template is None:
        return None
    written = template.draft.get("languages", {})
    own, chosen = get_language() or "", template.draft.get("default") or next(iter(written), "")
    first = own if own in written else chosen
    return {
        "template": template.pk,
        "name": template.name,
        "subject": subject_line(str(written.get(first, {}).get("subject", "")), first),
        "languages": sorted(written),
        "edit": reverse("admin:campaigns_mailtemplate_change", args=[template.pk]),
        "small": reverse("campaigns:template-thumbnail", args=[template.pk]),
    }
