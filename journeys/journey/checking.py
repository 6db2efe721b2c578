"""What is wrong with a drawing: asked by the editor after every change, and by publishing, which an error stops."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.rules.parsing import parse
from contacts.stages.choice import stages_in_use
from journeys.errors import Problem, Severity
from journeys.graph.filled import Filled, FilledStep, FilledTrigger, fill
from journeys.graph.graph import Graph
from journeys.steps.kind import StepForm

RULES = "rules"  # `at` of what is wrong with the journey's own settings


def problems(graph: Graph) -> list[Problem]:
    """Return everything that is wrong with the drawing, errors and warnings, in the order of its steps."""
    return problems_of(fill(graph))


def problems_of(filled: Filled) -> list[Problem]:
    """Return the same of a drawing whose settings were read already."""
    graph = filled.graph
    reached = reachable(graph)
    found = [*_beginning(graph), *_rules(graph)]
    for trigger in filled.triggers:
        found += _of_trigger(trigger)
    lanes = {stage.key for stage in stages_in_use()}
    for step in filled.steps:
        found += [*_of_step(step, graph), *_place(step, reached, lanes), *_ways(step, graph)]
    return [*found, *_loose_links(graph), *_spinning(filled, reached)]


def reachable(graph: Graph) -> frozenset[str]:
    """Return the keys of the steps that people can come to from the first one."""
    seen: set[str] = set()
    ahead = [graph.first] if graph.first in graph.by_key else []
    after: dict[str, list[str]] = {}
    for link in graph.ways:
        after.setdefault(link.source, []).append(link.target)
    while ahead:
        key = ahead.pop()
        if key not in seen and key in graph.by_key:
            seen.add(key)
            ahead += after.get(key, [])
    return frozenset(seen)


def _beginning(graph: Graph) -> Iterator[Problem]:
    if not graph.triggers:
        yield Problem("no_trigger", _("Nobody comes in: say when the journey starts."))
    if not graph.steps:
        yield Problem("no_steps", _("There is no step yet. Add the first one."))
    elif graph.first not in graph.by_key:
        yield Problem("no_first", _("Nobody knows where to begin: connect “Start” with the first step."))


def _rules(graph: Graph) -> Iterator[Problem]:
    rules = graph.rules
    for field in ("entry", "exit", "goal"):
        yield from _rule(field, getattr(rules, field))
    if rules.left_segment is not None and not Segment.objects.filter(pk=rules.left_segment).exists():
        message = _("The segment whose leaving ends the journey was deleted. Choose another one.")
        yield Problem("segment_gone", message, RULES, "left_segment")
    if rules.again == "after" and not rules.again_days:
        message = _("Say after how many days somebody may come in again.")
        yield Problem("again_days", message, RULES, "again_days")


def _rule(field: str, definition: Mapping[str, Any] | None) -> Iterator[Problem]:
    if definition is None:
        return
    try:
        parse(dict(definition))
    except BadRule as error:
        for problem in error.problems:
            yield Problem("rule", str(problem), RULES, field)


def _of_trigger(filled: FilledTrigger) -> Iterator[Problem]:
    key = filled.trigger.key
    if filled.form is None:
        message = _("There is no trigger “%(kind)s” in this version of the product.")
        yield Problem("unknown_kind", message % {"kind": filled.trigger.kind}, key)
    elif not filled.is_valid:
        yield from _of_form(key, filled.form)


def _of_step(filled: FilledStep, graph: Graph) -> Iterator[Problem]:
    key = filled.step.key
    if filled.kind is None or filled.form is None:
        message = _("There is no step “%(kind)s” in this version of the product.")
        yield Problem("unknown_kind", message % {"kind": filled.step.kind}, key)
    elif not filled.is_valid:
        yield from _of_form(key, filled.form)
    else:
        yield from filled.kind.problems(filled.step, graph, filled.cleaned)


def _of_form(key: str, form: StepForm) -> Iterator[Problem]:
    for field, messages in form.errors.items():
        label = form[field].label if field in form.fields else ""
        for message in messages:
            words = f"{label}: {message}" if label else str(message)
            yield Problem("settings", words, key, "" if field == "__all__" else field)


def _place(filled: FilledStep, reached: frozenset[str], lanes: set[str]) -> Iterator[Problem]:
    key, lane = filled.step.key, filled.step.lane
    if key not in reached:
        message = _("Nobody comes here: no connection from the start leads to this step.")
        yield Problem("unreachable", message, key, severity=Severity.WARNING)
    if lane and lane not in lanes:
        message = _("It lies at a stage that is not in use any more: “%(lane)s”.") % {"lane": lane}
        yield Problem("lane_gone", message, key, severity=Severity.WARNING)


def _ways(filled: FilledStep, graph: Graph) -> Iterator[Problem]:
    """Yield what is wrong with the outlets of a step."""
    key = filled.step.key
    for outlet in filled.outlets:
        if (key, outlet.key) in graph.targets or outlet.quiet:
            continue
        if outlet.needed:
            message = _("“%(outlet)s” must lead to a step.") % {"outlet": outlet.label}
            yield Problem("open_outlet", message, key, outlet.key)
        elif len(filled.outlets) > 1:
            message = _("“%(outlet)s” leads nowhere: the journey ends there.") % {"outlet": outlet.label}
            yield Problem("open_outlet", message, key, outlet.key, Severity.WARNING)
    known = {outlet.key for outlet in filled.outlets}
    for link in graph.links:
        if filled.kind is not None and link.source == key and link.outlet not in known:
            message = _("A connection leaves by “%(outlet)s”, which this step has not.") % {"outlet": link.outlet}
            yield Problem("unknown_outlet", message, key, link.outlet)


def _loose_links(graph: Graph) -> Iterator[Problem]:
    for link in graph.links:
        for end in {link.source, link.target} - set(graph.by_key):
            at = link.source if link.source in graph.by_key else link.target
            yield Problem(
                "link_gone", _("A connection names the step “%(key)s”, which is not there.") % {"key": end}, at
            )


def _spinning(filled: Filled, reached: frozenset[str]) -> Iterator[Problem]:
    """Yield one problem for each loop through which people would run for ever without waiting."""
    busy = {each.step.key for each in filled.steps if not each.waits} & reached
    before: dict[str, set[str]] = {key: set() for key in busy}
    for link in filled.graph.ways:
        if link.source in busy and link.target in busy:
            before[link.target].add(link.source)
    order = {step.key: number for number, step in enumerate(filled.graph.steps)}
    while loop := _loop(before):
        at = min(loop, key=lambda key: order[key])
        yield Problem("endless", _("People would run in a circle here without end. Put a wait into the loop."), at)
        before = {key: sources - loop for key, sources in before.items() if key not in loop}


def _loop(before: Mapping[str, set[str]]) -> set[str]:
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return set(error.args[1])
    return set()
