"""Which merge fields a Liquid source names, and whether each has something to fall back on."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from liquid import BoundTemplate, RenderContext
from liquid.ast import ConditionalBlockNode, Node
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.expression import Expression
from liquid.token import TOKEN_OUTPUT

from campaigns.templating.errors import TemplateError
from campaigns.templating.liquid import compile_source

FALLBACKS = frozenset(("default", "nim"))
TAILS = frozenset(("size", "first", "last"))


@dataclass(frozen=True)
class Use:
    """One mention of a field. `guarded`: a person without it still gets a whole sentence (fall-back or condition)."""

    key: str
    part: str
    line: int
    guarded: bool


@dataclass(frozen=True)
class _Reader:
    """Walks one compiled template and collects its uses."""

    template: BoundTemplate
    source: str
    part: str
    known: Collection[str]

    def walk(self, node: Node, local: frozenset[str], guards: frozenset[str]) -> Iterator[Use]:
        """Yield the uses in a node and below it; `local` are names made by the template, `guards` tested fields."""
        tested: set[str] = set()
        for expression in node.expressions():
            found = list(self._uses(expression, local, guards, printed=node.token.kind == TOKEN_OUTPUT))
            tested.update(use.key for use in found)
            yield from found
        inner = local | set(node.block_scope())
        below = guards | tested if _is_condition(node) else guards
        for child in node.children(RenderContext(self.template)):
            yield from self.walk(child, inner, below)

    def _uses(
        self, expression: Expression, local: frozenset[str], guards: frozenset[str], *, printed: bool
    ) -> Iterator[Use]:
        if isinstance(expression, Path):
            yield from self._use(expression, local, guarded=not printed)
            return
        falls_back = isinstance(expression, FilteredExpression) and any(
            filter_.name in FALLBACKS for filter_ in expression.filters or []
        )
        for child in expression.children():
            for use in self._uses(child, local, guards, printed=printed):
                yield Use(use.key, use.part, use.line, use.guarded or falls_back or use.key in guards)

    def _use(self, path: Path, local: frozenset[str], *, guarded: bool) -> Iterator[Use]:
        if path.path[0] in local:
            return
        line = self.source.count("\n", 0, max(path.token.start_index, 0)) + 1
        if not all(isinstance(step, str) for step in path.path):
            message = _('Write the field out in full instead of "%(path)s".') % {"path": path}
            raise TemplateError(message, part=self.part, line=line, field=str(path))
        yield Use(self._known_key([str(step) for step in path.path], line), self.part, line, guarded)

    def _known_key(self, steps: list[str], line: int) -> str:
        key = ".".join(steps)
        if key in self.known:
            return key
        if steps[-1] in TAILS and key.rpartition(".")[0] in self.known:
            return key.rpartition(".")[0]
        message = _('The field "%(field)s" is not known. Choose one from the list of fields.') % {"field": key}
        raise TemplateError(message, part=self.part, line=line, field=key)


def _is_condition(node: Node) -> bool:
    return isinstance(node, ConditionalBlockNode) or node.token.value in ("if", "unless", "case", "for")


def _locals(template: BoundTemplate) -> frozenset[str]:
    return frozenset(template.analyze(include_partials=False).locals)


def uses(source: str, *, part: str, known: Collection[str]) -> list[Use]:
    """Return every mention of a field in a Liquid source of one part.

    Raises TemplateError, with the line, when the source does not parse or names a field outside `known`.
    """
    template = compile_source(source, part=part)
    reader = _Reader(template, source, part, known)
    local = _locals(template)
    return [use for node in template.nodes for use in reader.walk(node, local, frozenset())]
