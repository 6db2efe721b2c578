"""A Liquid source cut into static text and slots.

Simple slots are read from the row; all others of a part go through one call of Liquid together, because a call costs
38 µs even for one line.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.primitive import StringLiteral
from liquid.builtin.output import OutputNode
from liquid.stringify import to_liquid_string

_EQUAL_FOR_ALL = ("sender", "mail")
SEPARATOR = "\x1e"  # cleaned out of every value, so that no value can shift the slots


@dataclass(frozen=True)
class Static:
    """Text that is the same in every mail."""

    text: str


@dataclass(frozen=True)
class Simple:
    """One field of the person, or `otherwise` where it is empty (written by the author, so it is not escaped)."""

    key: str
    otherwise: str = ""


@dataclass(frozen=True)
class Complex:
    """The output number `index` of the part's one Liquid call."""

    index: int


type Piece = Static | Simple | Complex


@dataclass(frozen=True)
class Cut:
    """A part in order, and the template that renders its complex slots (None when it has none)."""

    pieces: tuple[Piece, ...]
    together: BoundTemplate | None = None

    def depends(self) -> set[str]:
        """Return the keys that the complex slots read, but for those that are equal in all mails of a language."""
        if self.together is None:
            return set()
        used = self.together.analyze(include_partials=False).globals
        keys = {".".join(map(str, found.segments)) for uses in used.values() for found in uses}
        return {key for key in keys if key.partition(".")[0] not in _EQUAL_FOR_ALL}

    def outputs(self, values: Mapping[str, Any]) -> list[str]:
        """Render the complex slots of one person. Raises LiquidError."""
        return self.together.render(values).split(SEPARATOR) if self.together is not None else []


def cut(template: BoundTemplate, fields: Collection[str], constants: Mapping[str, str], *, html: bool) -> Cut:
    """Cut a parsed template. `fields` are the keys a row has; `constants` are texts that are equal for everybody.

    A name that the template itself assigns makes every slot complex, since a slot may then mean something else.
    """
    shadowed = {name.partition(".")[0] for name in template.analyze(include_partials=False).locals}
    roots = {key.partition(".")[0] for key in (*fields, *constants)}
    simple = frozenset() if shadowed & roots else frozenset(fields)
    pieces: list[Piece] = []
    nodes: list[Node] = []
    for node in template.nodes:
        piece = _piece(node, simple, {} if shadowed & roots else constants, html=html)
        if piece is None:
            piece = Complex(len(nodes))
            nodes.append(node)
        pieces.append(piece)
    return Cut(tuple(_joined(pieces)), _together(template, nodes))


def _piece(node: Node, fields: Collection[str], constants: Mapping[str, str], *, html: bool) -> Piece | None:
    if isinstance(node, ContentNode):
        return Static(node.text)
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    left = node.expression.left
    if not isinstance(left, Path) or not all(isinstance(step, str) for step in left.path):
        return None
    key, otherwise = ".".join(str(step) for step in left.path), _otherwise(node.expression)
    if otherwise is None:
        return None
    if key in constants:
        return Static(str(to_liquid_string(constants[key], html)) or otherwise)
    return Simple(key, otherwise) if key in fields else None


def _otherwise(expression: FilteredExpression) -> str | None:
    """Return the text of a lone `default` filter, "" without filters, None for anything else."""
    if not expression.filters:
        return ""
    filter_ = expression.filters[0]
    if len(expression.filters) > 1 or filter_.name != "default" or len(filter_.args) != 1:
        return None
    argument = filter_.args[0]
    if isinstance(argument, PositionalArgument) and isinstance(argument.value, StringLiteral):
        return str(argument.value.value)
    return None


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Static) and joined and isinstance(joined[-1], Static):
            joined[-1] = Static(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined


def _together(template: BoundTemplate, nodes: list[Node]) -> BoundTemplate | None:
    if not nodes:
        return None
    between = template.env.from_string(SEPARATOR).nodes[0]
    parts = [part for node in nodes for part in (node, between)][:-1]
    return type(template)(template.env, parts)
