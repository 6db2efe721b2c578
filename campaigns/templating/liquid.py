"""The one Liquid of the product: bounded in loops, size and time, strict about names. Used by editor and senders.

Templates are hostile input: only listed tags and filters exist, data is escaped in HTML parts and never marked safe.
"""

import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral
from liquid.exceptions import LiquidError, LoopIterationLimitError, ResourceLimitError, UndefinedError
from liquid.expression import Expression
from liquid.undefined import FalsyStrictUndefined

from campaigns.templating.errors import TemplateError
from campaigns.templating.filters import BORROWED, LONGEST_LIST, OWN, bounded

LONGEST_SOURCE = 200_000
MOST_PIECES = 1_000  # of {{ … }} and {% … %} in one part
LONGEST_PIECE = 1_000
LARGEST_OUTPUT = 2_000_000
LONGEST_RENDER = 1.0  # seconds
ALLOWED_TAGS = frozenset(("if", "unless", "case", "for", "break", "continue", "assign", "capture", "cycle", "comment"))
ALWAYS_TAGS = frozenset(("content", "output", "illegal", "#"))

_OPENING = re.compile(r"\{\{|\{%")
_VERBATIM = re.compile(r"-?\s{0,20}(raw|doc)\b")
Values = Mapping[str, Any]


class _BoundedContext(RenderContext):
    """A render that stops after LONGEST_LIST rounds of all its loops together, or after LONGEST_RENDER seconds."""

    __slots__ = ("deadline", "rounds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = time.monotonic() + LONGEST_RENDER
        self.rounds = 0

    def loop(self, namespace: Mapping[str, object], forloop: Any) -> Any:
        """Enter a loop whose every round is counted and timed."""
        self.raise_for_loop_limit(forloop.length)
        forloop.it = self._counted(forloop.it)
        return super().loop(namespace, forloop)

    def _counted(self, rounds: Iterator[Any]) -> Iterator[Any]:
        for item in rounds:
            self.rounds += 1
            if self.rounds > LONGEST_LIST:
                raise LoopIterationLimitError("loop iteration limit reached", token=None)
            if time.monotonic() > self.deadline:
                raise ResourceLimitError("rendering took too long", token=None)
            yield item


class _BoundedTemplate(BoundTemplate):
    context_class = _BoundedContext


class _MailEnvironment(Environment):
    block_nesting_limit: ClassVar[int] = 12
    context_depth_limit: ClassVar[int] = 20
    loop_iteration_limit: ClassVar[int | None] = LONGEST_LIST
    local_namespace_limit: ClassVar[int | None] = 1_000_000
    output_stream_limit: ClassVar[int | None] = LARGEST_OUTPUT
    template_class = _BoundedTemplate
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Keep the listed tags and filters of Liquid and add our own filters."""
        super().setup_tags_and_filters(extra=extra)
        self.tags = {name: tag for name, tag in self.tags.items() if name in ALLOWED_TAGS | ALWAYS_TAGS}
        known = {name: self.filters[name] for name in BORROWED} | OWN
        self.filters = {name: bounded(filter_) for name, filter_ in known.items()}


@cache
def environment(*, html: bool) -> Environment:
    """Return the environment for HTML parts (values are escaped) or for subjects and plain text (they are not)."""
    return _MailEnvironment(undefined=FalsyStrictUndefined, autoescape=html)


def compile_source(source: str, *, part: str) -> BoundTemplate:
    """Parse a Liquid source; `part` "html" escapes values, every other part does not. Raises TemplateError.

    The names of fields are not looked at here: see fields.uses.
    """
    if len(source) > LONGEST_SOURCE:
        message = _("This part has %(size)d letters; at most %(limit)d are allowed. Shorten it.")
        raise TemplateError(message % {"size": len(source), "limit": LONGEST_SOURCE}, part=part)
    _refuse_unreadable(source, part)
    try:
        template = environment(html=part == "html").from_string(source)
    except LiquidError as error:
        raise _explained(error, source, part) from error
    for span in _ranges(template):
        _refuse_long(span, source, part)
    _refuse_unknown_filters(template, source, part)
    return template


def _refuse_unreadable(source: str, part: str) -> None:
    """Refuse braces that are never closed, and what else Liquid's reader would search the whole source for each time.

    Measured: 2,000 unclosed {{ in 290,000 letters kept it busy for seven minutes.
    """
    for count, opening in enumerate(_OPENING.finditer(source), 1):
        closing = "}}" if opening.group() == "{{" else "%}"
        end = source.find(closing, opening.end(), opening.end() + LONGEST_PIECE)
        line = source.count("\n", 0, opening.start()) + 1
        if end < 0:
            message = _('"%(open)s" is not closed by "%(close)s" soon after.')
            raise TemplateError(message % {"open": opening.group(), "close": closing}, part=part, line=line)
        if opening.group() == "{%" and _VERBATIM.match(source, opening.end()):
            raise TemplateError(_("The tags raw and doc are not allowed."), part=part, line=line)
        if count > MOST_PIECES:
            raise TemplateError(
                _("This part has more than %(limit)d fields.") % {"limit": MOST_PIECES}, part=part, line=line
            )


def _refuse_unknown_filters(template: BoundTemplate, source: str, part: str) -> None:
    for name, spans in template.analyze(include_partials=False).filters.items():
        if name not in template.env.filters:
            message = _('The filter "%(filter)s" is not known; there are: %(known)s.')
            known = ", ".join(sorted(template.env.filters))
            line = source.count("\n", 0, max(spans[0].index, 0)) + 1
            raise TemplateError(message % {"filter": name, "known": known}, part=part, line=line)


def _ranges(template: BoundTemplate) -> Iterator[RangeLiteral]:
    context = RenderContext(template)
    nodes = list(template.nodes)
    expressions: list[Expression] = []
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children(context))
        expressions.extend(node.expressions())
    while expressions:
        expression = expressions.pop()
        if isinstance(expression, RangeLiteral):
            yield expression
        expressions.extend(expression.children())


def _refuse_long(span: RangeLiteral, source: str, part: str) -> None:
    """Refuse a range whose length is unknown or large: Liquid would make it a list before any limit is asked."""
    line = source.count("\n", 0, max(span.token.start_index, 0)) + 1
    first, last = span.start, span.stop
    if not isinstance(first, IntegerLiteral) or not isinstance(last, IntegerLiteral):
        raise TemplateError(_("A range needs two plain numbers, such as (1..5)."), part=part, line=line)
    if (rounds := last.value - first.value + 1) > LONGEST_LIST:
        message = _("A loop of %(count)d rounds is too long; at most %(limit)d are allowed.")
        raise TemplateError(message % {"count": rounds, "limit": LONGEST_LIST}, part=part, line=line)


def render(template: BoundTemplate, values: Values, *, part: str) -> str:
    """Return the text for one person. `values` holds contact, account, owner, sender, links and `mail` (see fields).

    Raises TemplateError when a field is unknown, or a limit of loops, size or time is reached.
    """
    try:
        text = template.render(values)
    except LiquidError as error:
        raise _explained(error, "", part) from error
    return text if part in ("html", "text") else one_line(text)


def one_line(text: str) -> str:
    """Return the text on one line: line breaks and controls in a value can never start a new header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _explained(error: LiquidError, source: str, part: str) -> TemplateError:
    line = line_of(error, source)
    detail = str(error.message or type(error).__name__)
    if isinstance(error, UndefinedError):
        name = detail.removesuffix(" is undefined").strip("'\"")
        message = _('The field "%(field)s" is not known.') % {"field": name}
        return TemplateError(message, part=part, line=line, field=name)
    if isinstance(error, LoopIterationLimitError):
        text = _("The loops run more than %(limit)d times. Loop over fewer things.") % {"limit": LONGEST_LIST}
    elif isinstance(error, ResourceLimitError):
        text = _("The template is too large to render: %(detail)s. Make it smaller.") % {"detail": detail}
    else:
        text = _("The code between the braces cannot be read: %(detail)s.") % {"detail": detail}
    return TemplateError(text, part=part, line=line)


def line_of(error: LiquidError, source: str) -> int:
    """Return the line (from 1) where an error of Liquid happened: the last when it is the end, 0 when unknown."""
    token = error.token
    if token is None:
        return 0
    if token.start_index < 0:
        return source.count("\n") + 1 if source else 0
    return (source or token.source).count("\n", 0, token.start_index) + 1
