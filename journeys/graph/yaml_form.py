"""A drawing as YAML that people can read, compare and keep: written for a download, read back before an import."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from crm.kit.text import ForbiddenCharacter, clean_text
from journeys.errors import BadGraph, Problem
from journeys.graph.graph import Graph, Link, Rules, Step
from journeys.graph.parsing import parse

LONGEST = 2_000_000  # characters
HEADER = "wayfare_journey"
_PLAIN = {"row", "column", "lane", "name", "comment"}
_BOOL = "tag:yaml.org,2002:bool"
_TIME = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.CSafeLoader):
    """YAML without its surprises: only true and false are booleans, a date stays a text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, found) for tag, found in resolvers if tag not in (_BOOL, _TIME)]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


def written(graph: Graph) -> str:
    """Return the drawing as YAML; `read` gives an equal one."""
    ways: dict[str, dict[str, str]] = {}
    for link in graph.links:
        ways.setdefault(link.source, {})[link.outlet] = link.target
    kept = {
        HEADER: 1,
        "starts": [trigger.stored() for trigger in graph.triggers],
        "rules": {name: value for name, value in graph.rules.stored().items() if value != getattr(Rules(), name)},
        "first": graph.first,
        "steps": {step.key: _step(step, ways.get(step.key, {})) for step in graph.steps},
        "notes": [note.stored() for note in graph.notes],
    }
    return str(yaml.dump(kept, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110))


def _step(step: Step, ways: Mapping[str, str]) -> dict[str, Any]:
    kept = step.stored()
    order = ("kind", "name", "comment", "settings", "lane", "row", "column")
    ordered = {name: kept[name] for name in order if name in kept}
    return ordered | ({"leads_to": dict(ways)} if ways else {})


def read(text: str) -> Graph:
    """Return the drawing. Raises BadGraph with every problem and the line at which it stands."""
    node, loaded = _parsed(text)
    if not isinstance(loaded, dict) or loaded.get(HEADER) != 1:
        raise BadGraph([Problem("shape", _("A journey as YAML begins with “%(header)s: 1”.") % {"header": HEADER})])
    lines = dict(_lines(node))
    try:
        return parse(_raw(loaded))
    except BadGraph as error:
        raise BadGraph([_at_line(problem, lines) for problem in error.problems]) from error


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes, which know their lines, and the plain data. Raises BadGraph for what is no plain YAML."""
    if len(text) > LONGEST:
        raise BadGraph([Problem("shape", _("This is longer than a drawing can be."))])
    try:
        clean_text(text)
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=_Loader)):
            raise BadGraph([Problem("shape", _("References (* and &) are not read; write each step out."))])
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
        doubles = list(_doubles(node))
        loaded = _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        raise BadGraph([Problem("shape", _said(error))]) from error
    except (yaml.YAMLError, ForbiddenCharacter, RecursionError) as error:
        raise BadGraph([Problem("shape", _("This is no YAML."))]) from error
    if doubles:
        raise BadGraph(doubles)
    return node, loaded


def _said(error: yaml.MarkedYAMLError) -> str:
    if error.problem_mark is None:
        return _("This is no YAML.")
    facts = {"line": error.problem_mark.line + 1, "column": error.problem_mark.column + 1, "what": error.problem or ""}
    return _("This is no YAML from line %(line)d, column %(column)d on (%(what)s).") % facts


def _doubles(node: yaml.Node | None) -> Iterator[Problem]:
    """Yield a problem for each key that is written twice: YAML would take the last without a word."""
    for child in node.value if isinstance(node, yaml.SequenceNode) else ():
        yield from _doubles(child)
    seen: set[str] = set()
    for name, child in node.value if isinstance(node, yaml.MappingNode) else ():
        if str(name.value) in seen:
            facts = {"key": str(name.value)[:40], "line": name.start_mark.line + 1}
            yield Problem("key_twice", _("Line %(line)d: “%(key)s” is there twice.") % facts)
        seen.add(str(name.value))
        yield from _doubles(child)


def _lines(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """Yield the line (from 1) at which each step and each part of the drawing begins, by its key."""
    for name, child in node.value if isinstance(node, yaml.MappingNode) else ():
        yield str(name.value), name.start_mark.line + 1
        if name.value == "steps":
            yield from ((key, line) for key, line in _lines(child) if key not in _PLAIN)


def _at_line(problem: Problem, lines: Mapping[str, int]) -> Problem:
    line = lines.get(problem.at)
    if line is None:
        return problem
    words = _("Line %(line)d: %(message)s") % {"line": line, "message": problem.message}
    return Problem(problem.code, words, problem.at, problem.field, problem.severity)


def _raw(loaded: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the JSON of a drawing: steps and where they lead to as lists. Raises BadGraph."""
    raw = {str(name): value for name, value in loaded.items() if name not in (HEADER, "starts", "steps")}
    steps = loaded.get("steps") or {}
    if not isinstance(steps, Mapping):
        raise BadGraph([Problem("shape", _("“steps” lists each step under its key."))])
    links: list[dict[str, Any]] = []
    drawn = []
    for key, step in steps.items():
        if not isinstance(step, Mapping) or not isinstance(step.get("leads_to", {}), Mapping):
            raise BadGraph([Problem("shape", _("The step “%(key)s” cannot be read.") % {"key": str(key)[:40]})])
        drawn.append({"key": key} | {name: value for name, value in step.items() if name != "leads_to"})
        links += [Link(str(key), str(way), str(to)).stored() for way, to in step.get("leads_to", {}).items()]
    raw |= {"version": 1, "triggers": loaded.get("starts") or [], "steps": drawn, "links": links}
    return raw | {"rules": raw.get("rules") or {}, "notes": raw.get("notes") or [], "first": raw.get("first") or ""}
