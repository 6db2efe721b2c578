"""From JSON to a Graph: the only door. What is wrong in its shape is told with its place; settings: see the kinds."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm.kit.text import ForbiddenCharacter, clean_text
from journeys.errors import BadGraph, Problem
from journeys.graph.graph import Graph, Link, Note, Rules, Step, Trigger

MOST_STEPS = 2_000
MOST_LINKS = 6_000
MOST_TRIGGERS = 20
MOST_NOTES = 500
FARTHEST = 10_000  # rows and columns of the grid
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AGAIN = ("never", "after", "always")


class _Wrong(ValueError):
    """A part cannot be read; the text says why."""


def parse(raw: Any) -> Graph:
    """Return the graph of stored JSON. Raises BadGraph with every problem found."""
    if not isinstance(raw, Mapping) or raw.get("version") != 1:
        raise BadGraph([Problem("shape", _("A journey's drawing reads {“version”: 1, “steps”: …}."))])
    problems: list[Problem] = []
    unknown = sorted(set(map(str, raw)) - {"version", "triggers", "rules", "first", "steps", "links", "notes"})
    problems += [Problem("shape", _("There is no “%(key)s” here.") % {"key": key[:40]}) for key in unknown]
    graph = Graph(
        triggers=_each(raw, "triggers", MOST_TRIGGERS, _trigger, problems),
        rules=_part("rules", lambda: _rules(raw.get("rules", {})), Rules(), problems),
        first=_part("first", lambda: _text(raw, "first", 40), "", problems),
        steps=_each(raw, "steps", MOST_STEPS, _step, problems),
        links=_each(raw, "links", MOST_LINKS, _link, problems),
        notes=_each(raw, "notes", MOST_NOTES, _note, problems),
    )
    problems += _doubles(graph)
    if problems:
        raise BadGraph(problems)
    return graph


def _part[T](place: str, read: Callable[[], T], otherwise: T, problems: list[Problem]) -> T:
    try:
        return read()
    except _Wrong as error:
        problems.append(Problem("shape", f"{place}: {error}", at=place))
        return otherwise


def _each[T](
    raw: Mapping[str, Any], name: str, most: int, read: Callable[[Mapping[str, Any]], T], problems: list[Problem]
) -> tuple[T, ...]:
    listed = raw.get(name, [])
    if not isinstance(listed, list) or len(listed) > most:
        message = _("“%(name)s” must be a list of at most %(most)d.") % {"name": name, "most": most}
        problems.append(Problem("shape", message))
        return ()
    found = []
    for number, item in enumerate(listed):
        one = _part(_place(item, name, number), lambda item=item: read(_object(item)), None, problems)  # type: ignore[misc]
        if one is not None:
            found.append(one)
    return tuple(found)


def _place(item: Any, name: str, number: int) -> str:
    key = item.get("key") if isinstance(item, Mapping) else None
    return key if isinstance(key, str) and _KEY.fullmatch(key) else f"{name}[{number + 1}]"


def _object(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise _Wrong(_("This must be a JSON object."))
    return item


def _key(item: Mapping[str, Any], name: str = "key") -> str:
    key = item.get(name)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _Wrong(_("A key has 1 to 40 small letters, digits and _; “%(key)s” has not.") % {"key": str(key)[:40]})
    return key


def _text(item: Mapping[str, Any], name: str, longest: int) -> str:
    text = item.get(name, "")
    if not isinstance(text, str) or len(text) > longest:
        raise _Wrong(
            _("“%(name)s” must be a text of at most %(longest)d letters.") % {"name": name, "longest": longest}
        )
    try:
        clean_text(text)
    except ForbiddenCharacter as error:
        raise _Wrong(str(error)) from error
    return text


def _number(item: Mapping[str, Any], name: str, most: int, otherwise: int = 0) -> int:
    number = item.get(name, otherwise)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise _Wrong(_("“%(name)s” must be a number from 0 to %(most)d.") % {"name": name, "most": most})
    return number


def _settings(item: Mapping[str, Any]) -> Mapping[str, Any]:
    settings = item.get("settings", {})
    if not isinstance(settings, Mapping) or not all(isinstance(name, str) for name in settings):
        raise _Wrong(_("“settings” must be a JSON object."))
    return settings


def _place_in_grid(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lane": _text(item, "lane", 40),
        "row": _number(item, "row", FARTHEST),
        "column": _number(item, "column", FARTHEST),
    }


def _known(item: Mapping[str, Any], *names: str) -> None:
    if unknown := sorted(set(map(str, item)) - set(names)):
        raise _Wrong(_("There is no “%(key)s” here.") % {"key": unknown[0][:40]})


def _trigger(item: Mapping[str, Any]) -> Trigger:
    _known(item, "key", "kind", "settings")
    return Trigger(_key(item), _key(item, "kind"), _settings(item))


def _step(item: Mapping[str, Any]) -> Step:
    _known(item, "key", "kind", "settings", "lane", "row", "column", "name", "comment")
    return Step(
        _key(item),
        _key(item, "kind"),
        _settings(item),
        name=_text(item, "name", 120),
        comment=_text(item, "comment", 1_000),
        **_place_in_grid(item),
    )


def _link(item: Mapping[str, Any]) -> Link:
    _known(item, "from", "outlet", "to")
    return Link(_key(item, "from"), _key(item, "outlet"), _key(item, "to"))


def _note(item: Mapping[str, Any]) -> Note:
    _known(item, "key", "text", "lane", "row", "column")
    return Note(_key(item), _text(item, "text", 1_000), **_place_in_grid(item))


def _rules(item: Any) -> Rules:
    raw = _object(item)
    _known(raw, *Rules.__dataclass_fields__)
    again = raw.get("again", "never")
    if again not in _AGAIN:
        raise _Wrong(_("“again” is one of: %(known)s.") % {"known": ", ".join(_AGAIN)})
    segment = raw.get("left_segment")
    if segment is not None and (not isinstance(segment, int) or isinstance(segment, bool)):
        raise _Wrong(_("“%(name)s” must be the number of a segment.") % {"name": "left_segment"})
    return Rules(
        entry=_definition(raw, "entry"),
        again=again,
        again_days=_number(raw, "again_days", 3_650),
        exit=_definition(raw, "exit"),
        left_segment=segment,
        unsubscribed=_flag(raw, "unsubscribed", otherwise=True),
        goal=_definition(raw, "goal"),
        goal_days=_number(raw, "goal_days", 3_650, 14),
        goal_ends=_flag(raw, "goal_ends", otherwise=True),
        hold_out=_number(raw, "hold_out", 90),
    )


def _definition(raw: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return a rule as it stands; whether it can be used is asked when the draft is checked."""
    definition = raw.get(name)
    if definition is not None and not isinstance(definition, Mapping):
        raise _Wrong(_("“%(name)s” must be a rule as JSON.") % {"name": name})
    return definition


def _flag(raw: Mapping[str, Any], name: str, *, otherwise: bool) -> bool:
    value = raw.get(name, otherwise)
    if not isinstance(value, bool):
        raise _Wrong(_("“%(name)s” must be true or false.") % {"name": name})
    return value


def _doubles(graph: Graph) -> list[Problem]:
    """Return a problem for each key, outlet or place that is taken twice."""
    found = []
    seen: set[object] = set()
    for key in [*(t.key for t in graph.triggers), *(s.key for s in graph.steps), *(n.key for n in graph.notes)]:
        if key in seen:
            found.append(Problem("key_twice", _("The key “%(key)s” is there twice.") % {"key": key}, at=key))
        seen.add(key)
    for step in graph.steps:
        place = (step.lane, step.row, step.column)
        if place in seen:
            found.append(Problem("place_twice", _("Two steps lie on the same place."), at=step.key))
        seen.add(place)
    for link in graph.links:
        if (link.source, link.outlet) in seen:
            message = _("The outlet “%(outlet)s” has two connections.") % {"outlet": link.outlet}
            found.append(Problem("outlet_twice", message, at=link.source))
        seen.add((link.source, link.outlet))
    return found
