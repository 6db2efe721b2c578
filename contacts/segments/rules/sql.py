"""Pieces of SQL with their parameters. All text is ours; whatever a user gave is a parameter."""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sql:
    """SQL text with %s places (a literal percent sign is doubled) and the parameters for them, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.text.replace("%%", "").count("%s") != len(self.params):
            raise ValueError(f"{len(self.params)} parameters for: {self.text}")


TRUE, FALSE = Sql("true"), Sql("false")


def compose(template: str, *params: Any, **pieces: Sql) -> Sql:
    """Return `template` with each {name} replaced by that piece and each %s bound to the next of `params`, in order.

    compose("x IN (SELECT id FROM t WHERE {test} AND at > %s)", since, test=piece)
    """
    text, bound, rest = [], [], list(params)
    for literal, name, _format, _conversion in string.Formatter().parse(template):
        text.append(literal)
        places = literal.replace("%%", "").count("%s")
        bound += rest[:places]
        del rest[:places]
        if name is not None:
            text.append(pieces[name].text)
            bound += pieces[name].params
    if rest:
        raise ValueError(f"{len(rest)} parameters too many for: {template}")
    return Sql("".join(text), tuple(bound))


def joined(separator: str, pieces: Iterable[Sql]) -> Sql:
    """Return the pieces with `separator` (constant text without places) between them."""
    listed = list(pieces)
    return Sql(separator.join(piece.text for piece in listed), tuple(p for piece in listed for p in piece.params))


def negated(piece: Sql) -> Sql:
    """Return NOT of a condition that is never null."""
    return compose("NOT ({piece})", piece=piece)
