"""A rule: groups of all, any or none, nested, over leaves. Parsed once at the edge (parsing.py), then immutable."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import FALSE, TRUE, Sql, compose, joined, negated


class Mode(StrEnum):
    """How a group joins its children. An empty ALL or NONE is true, an empty ANY is false."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


class Form(StrEnum):
    """How SQL asks: over everybody (sub-queries that stand alone), or person by person (correlated look-ups)."""

    SET = "set"
    SCALAR = "scalar"


class Leaf(Protocol):
    """One question about a person. All SQL is over the alias `c` of contacts_contact."""

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is true or false and never null; both forms mean the same."""

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return SELECTs of contact ids: everybody whose answer may change in (since, until] without an event.

        Too many are harmless, one too few is a fault. Empty: time alone never changes this leaf.
        """

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ for the contact of the event."""

    def segments(self) -> frozenset[int]:
        """Return the ids of the segments that it reads."""

    def sentence(self) -> str:
        """Return the question as a part of a sentence in the active language, such as "city is Seoul"."""

    def decided_by(self, at: Moment) -> Sql:
        """Return a scalar jsonb expression over `c`: the value that decided (null when there is none)."""

    def shown(self, value: Any) -> str:
        """Return such a value in words, in the active language."""


@dataclass(frozen=True)
class Group:
    """Children joined by one mode."""

    mode: Mode
    children: tuple["Node", ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal group."""
        return {self.mode.value: [child.stored() for child in self.children]}

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition over `c` that is never null."""
        parts = [child.sql(form, at) for child in self.children]
        if not parts:
            return FALSE if self.mode is Mode.ANY else TRUE
        if self.mode is Mode.ALL:
            return compose("({parts})", parts=joined(" AND ", parts))
        any_of = compose("({parts})", parts=joined(" OR ", parts))
        return negated(any_of) if self.mode is Mode.NONE else any_of


type Node = Group | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    """Return every leaf, in reading order."""
    if isinstance(node, Group):
        for child in node.children:
            yield from leaves(child)
    else:
        yield node
