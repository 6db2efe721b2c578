"""Why a person matches a rule, or does not: the tree with each node true or false, and the value that decided."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection

from contacts.people.models import Contact
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sql import compose, joined
from contacts.segments.rules.tree import Form, Group, Leaf, Mode, Node, leaves

_ASKED = """
SELECT ARRAY[{tests}]::boolean[], ARRAY[{values}]::text[] FROM contacts_contact c WHERE c.id = %s
"""


@dataclass(frozen=True)
class Trace:
    """One node of the rule for one person. A leaf has `words` and `value` in words; a group `mode` and `children`."""

    met: bool
    words: str = ""
    value: str = ""
    mode: Mode | None = None
    children: tuple["Trace", ...] = ()


def why(rule: Rule, contact_id: int, at: Moment) -> Trace:
    """Return the tree for one person, in the active language, by one query. Raises Contact.DoesNotExist.

    The caller makes sure that the reader may see this person.
    """
    asked = list(leaves(rule.root))
    answers = iter(_answers(asked, contact_id, at))
    return _trace(rule.root, answers)


type _Answer = tuple[bool, Any]


def _answers(asked: list[Leaf], contact_id: int, at: Moment) -> list[_Answer]:
    """Return for each leaf whether it holds, and the value that decided."""
    tests = joined(", ", [leaf.sql(Form.SCALAR, at) for leaf in asked])
    values = joined(", ", [compose("({value})::text", value=leaf.decided_by(at)) for leaf in asked])
    statement = compose(_ASKED, contact_id, tests=tests, values=values)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        row = cursor.fetchone()
    if row is None:
        raise Contact.DoesNotExist(contact_id)
    return [(met, None if raw is None else json.loads(raw)) for met, raw in zip(*row, strict=True)]


def _trace(node: Node, answers: Any) -> Trace:
    if not isinstance(node, Group):
        met, value = next(answers)
        return Trace(met, node.sentence(), node.shown(value))
    children = tuple(_trace(child, answers) for child in node.children)
    return Trace(_met(node.mode, [child.met for child in children]), mode=node.mode, children=children)


def _met(mode: Mode, met: list[bool]) -> bool:
    if mode is Mode.ALL:
        return all(met)
    return any(met) if mode is Mode.ANY else not any(met)
