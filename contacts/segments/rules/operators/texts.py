"""Operators on texts. Case makes no difference."""

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.readers import COUNT, NO_TEXTS, TEXT, TEXTS
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type

_TEXT = (Type.TEXT,)
_EVERY_TEXT = _("No index helps to look inside a text: that of every person is read.")


def _is(x: Expression, texts: tuple[str, ...]) -> Sql:
    return _is_any_of(x, texts) if len(texts) > 1 else compose("lower({x}) = lower(%s)", texts[0], x=x.sql)


def _is_any_of(x: Expression, texts: tuple[str, ...]) -> Sql:
    # Folded to a constant by the planner, which looks up many in a hash table.
    folded = ", ".join(["lower(%s)"] * len(texts))
    return compose(f"lower({{x}}) = ANY(ARRAY[{folded}]::text[])", *texts, x=x.sql)


def _contains(x: Expression, text: str) -> Sql:
    return compose("strpos(lower({x}), lower(%s)) > 0", text, x=x.sql)


def _starts(x: Expression, text: str) -> Sql:
    return compose("starts_with(lower({x}), lower(%s))", text, x=x.sql)


def _ends(x: Expression, text: str) -> Sql:
    return compose("right(lower({x}), length(%s)) = lower(%s)", text, text, x=x.sql)


def _like(x: Expression, pattern: str) -> Sql:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%").replace("?", "_")
    return compose("lower({x}) LIKE lower(%s)", escaped, x=x.sql)


def _longer(x: Expression, count: int) -> Sql:
    return compose("length({x}) > %s", count, x=x.sql)


def _shorter(x: Expression, count: int) -> Sql:
    return compose("length({x}) < %s", count, x=x.sql)


# fmt: off
# ruff: noqa: E501
TEXT_OPERATORS = (
    Operator("is", _TEXT, _("is"), _("%(field)s is %(value)s"), TEXT, _is, whole=True),
    Operator("is_not", _TEXT, _("is not (or is missing)"), _("%(field)s is not %(value)s (or is missing)"), TEXT, negates="is"),
    Operator("is_any_of", _TEXT, _("is any of"), _("%(field)s is %(value)s"), TEXTS, _is_any_of, whole=True),
    Operator("is_none_of", _TEXT, _("is none of (or is missing)"), _("%(field)s is not %(value)s (or is missing)"), NO_TEXTS, negates="is_any_of"),
    Operator("contains", _TEXT, _("contains"), _("%(field)s contains %(value)s"), TEXT, _contains, slow=_EVERY_TEXT),
    Operator("contains_not", _TEXT, _("does not contain (or is missing)"), _("%(field)s does not contain %(value)s (or is missing)"), TEXT, negates="contains", slow=_EVERY_TEXT),
    Operator("starts", _TEXT, _("starts with"), _("%(field)s starts with %(value)s"), TEXT, _starts),
    Operator("starts_not", _TEXT, _("does not start with (or is missing)"), _("%(field)s does not start with %(value)s (or is missing)"), TEXT, negates="starts"),
    Operator("ends", _TEXT, _("ends with"), _("%(field)s ends with %(value)s"), TEXT, _ends, slow=_EVERY_TEXT),
    Operator("ends_not", _TEXT, _("does not end with (or is missing)"), _("%(field)s does not end with %(value)s (or is missing)"), TEXT, negates="ends", slow=_EVERY_TEXT),
    Operator("like", _TEXT, _("looks like (* and ? stand for letters)"), _("%(field)s looks like %(value)s"), TEXT, _like, slow=_EVERY_TEXT),
    Operator("like_not", _TEXT, _("does not look like (or is missing)"), _("%(field)s does not look like %(value)s (or is missing)"), TEXT, negates="like", slow=_EVERY_TEXT),
    Operator("longer", _TEXT, _("has more letters than"), _("%(field)s has more than %(value)s letters"), COUNT, _longer),
    Operator("shorter", _TEXT, _("has fewer letters than"), _("%(field)s has fewer than %(value)s letters"), COUNT, _shorter),
)
# fmt: on
