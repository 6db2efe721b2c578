"""From JSON to a Rule: the only door. Kinds of leaves register in LEAVES; whatever is wrong is told with its place."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.errors import BadRule, FieldGone, Problem
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.tree import Group, Leaf, Mode, Node
from crm.kit.registry import Registry
from crm.kit.text import ForbiddenCharacter, clean_text

type Path = tuple[str | int, ...]

MOST_NODES = 500  # groups and conditions
DEEPEST = 50  # groups within groups
LONGEST = 64 * 1024  # characters of JSON
_ABSURD = 16 * LONGEST  # below it, "too many conditions" is said rather than "too long"
_DEEPEST_JSON = 2 * DEEPEST + 12
_MODES = frozenset(mode.value for mode in Mode)


@dataclass(frozen=True)
class LeafKind:
    """A kind of condition: the JSON key by which it is known, its parser, and its JSON schema.

    `parse(raw, path, problems)` returns the leaf, or None after it added what is wrong to `problems`.
    """

    key: str
    parse: Callable[[Mapping[str, Any], Path, list[Problem]], Leaf | None]
    schema: Mapping[str, Any] = part(default_factory=dict, compare=False)


LEAVES: Registry[LeafKind] = Registry("kinds of conditions", LeafKind, lambda kind: kind.key)


def parse(raw: Any, *, lenient: bool = False) -> Rule:
    """Return the rule of a definition: JSON text, or JSON as Python values.

    Raises BadRule with every problem, FieldGone when all of them are deletions. `lenient` leaves out conditions that
    cannot be read: for a look at a rule that is being written, never for one that decides who gets a mail.
    """
    definition = _loaded(raw) if isinstance(raw, str) else raw
    _measure(definition)
    problems: list[Problem] = []
    root = _root(definition, problems)
    if isinstance(root, Mapping):
        group = parse_group(root, ("rule",), problems, lenient=lenient)
    if problems:
        raise (FieldGone if all(problem.gone for problem in problems) else BadRule)(problems)
    return Rule(group)


def parse_text(text: str, *, lenient: bool = False) -> Rule:
    """Return the rule of JSON text, as `parse`."""
    return parse(_loaded(text), lenient=lenient)


def _loaded(text: str) -> Any:
    if len(text) > _ABSURD:
        raise BadRule([_too_long()])
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRule([Problem((), _("This is no JSON."))]) from error


def _root(definition: Any, problems: list[Problem]) -> Any:
    if not isinstance(definition, Mapping) or "rule" not in definition:
        problems.append(Problem((), _("A definition reads {“version”: 1, “rule”: …}.")))
        return None
    problems += unknown_keys(definition, {"version", "rule"}, ())
    if definition.get("version") != 1 or isinstance(definition["version"], bool):
        problems.append(Problem(("version",), _("The version of a definition is 1.")))
    root = definition["rule"]
    if not isinstance(root, Mapping) or not _MODES & root.keys():
        problems.append(Problem(("rule",), _("A rule begins with a group: all, any or none.")))
        return None
    return root


# --- nodes ----------------------------------------------------------------------------------------------------------
def parse_group(raw: Any, path: Path, problems: list[Problem], *, lenient: bool = False) -> Group:
    """Return a group; what is wrong is added to `problems` (then the group is not whole)."""
    mode = next((mode for mode in Mode if isinstance(raw, Mapping) and mode.value in raw), None)
    if mode is None:
        problems.append(Problem(path, _("A group is one of: all, any, none.")))
        return Group(Mode.ALL)
    problems += unknown_keys(raw, {mode.value}, path)
    nodes = raw[mode.value]
    if sum(part in _MODES for part in path) >= DEEPEST:
        problems.append(_too_deep(path))
        return Group(mode)
    if not isinstance(nodes, list):
        problems.append(Problem((*path, mode.value), _("A group holds a list of conditions.")))
        return Group(mode)
    found = (_node(node, (*path, mode.value, place), problems, lenient=lenient) for place, node in enumerate(nodes))
    return Group(mode, tuple(node for node in found if node is not None))


def _node(raw: Any, path: Path, problems: list[Problem], *, lenient: bool) -> Node | None:
    if not isinstance(raw, Mapping):
        problems.append(Problem(path, _("A condition is a JSON object.")))
        return None
    if _MODES & raw.keys():
        return parse_group(raw, path, problems, lenient=lenient)
    kind = next((kind for kind in LEAVES if kind.key in raw), None)
    found: list[Problem] = []
    if kind is None:
        found.append(Problem(path, _("A condition has one of: %(kinds)s.") % {"kinds": ", ".join(LEAVES.keys())}))
    leaf = kind.parse(raw, path, found) if kind else None
    if not lenient:
        problems += found
    return None if found else leaf


def unknown_keys(raw: Mapping[str, Any], known: set[str], path: Path) -> list[Problem]:
    """Return a problem for each key of `raw` that is not in `known`."""
    return [
        Problem((*path, key), _("There is no “%(key)s” here.") % {"key": str(key)[:40]})
        for key in raw
        if key not in known
    ]


# --- limits, before anything is called in turn ----------------------------------------------------------------------
def _measure(definition: Any) -> None:
    """Raise BadRule for what is too deep, too long, too many, or holds what no text may hold."""
    nodes = size = 0
    problems = []
    for path, value, depth in _everything(definition):
        nodes += isinstance(value, Mapping) and bool((_MODES | set(LEAVES.keys())) & value.keys())
        size += len(value) + 2 if isinstance(value, str) else 2
        if depth > _DEEPEST_JSON:
            raise BadRule([_too_deep(path)])
        if size > _ABSURD:
            raise BadRule([_too_long()])
        if isinstance(value, str) and not _printable(value):
            problems.append(Problem(path, _("Control characters are not allowed here.")))
    if nodes > MOST_NODES:
        message = _("A rule has at most %(limit)d conditions and groups; this one has %(count)d.")
        raise BadRule([Problem(("rule",), message % {"limit": MOST_NODES, "count": nodes})])
    if size > LONGEST:
        raise BadRule([_too_long()])
    if problems:
        raise BadRule(problems)


def _everything(definition: Any) -> Iterator[tuple[Path, Any, int]]:
    """Yield each key and value with its path and depth, without recursion."""
    waiting: list[tuple[Path, Any, int]] = [((), definition, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        yield path, value, depth
        if isinstance(value, Mapping):
            inner: Any = value.items()
            waiting += [((*path, str(key)[:40]), key, depth + 1) for key in value]
        else:
            inner = enumerate(value) if isinstance(value, list) else ()
        if depth <= _DEEPEST_JSON:
            waiting += [((*path, key), child, depth + 1) for key, child in inner]


def _printable(text: str) -> bool:
    try:
        clean_text(text)
    except ForbiddenCharacter:
        return False
    return True


def _too_deep(path: Path) -> Problem:
    return Problem(path, _("Groups are nested more than %(limit)d times.") % {"limit": DEEPEST})


def _too_long() -> Problem:
    return Problem((), _("A definition has at most %(limit)d characters.") % {"limit": LONGEST})
