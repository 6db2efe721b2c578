"""Operators on scores and their words. What is compared is the kept sum, with constants that rise with time."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.readers import CHOICES, NO_CHOICES, NUMBER, PAIR
from contacts.segments.rules.sql import FALSE, Sql, compose, joined
from contacts.segments.rules.value_type import Type

_SCORE, _GRADE = (Type.SCORE,), (Type.GRADE,)


def _at_least(x: Expression, total: float) -> Sql:
    return compose("{x} >= %s", total, x=x.sql)


def _less(x: Expression, total: float) -> Sql:
    return compose("{x} < %s", total, x=x.sql)


def _between(x: Expression, pair: tuple[float, float]) -> Sql:
    return compose("{x} BETWEEN %s AND %s", *pair, x=x.sql)


def _passed(x: Expression, before: Any, after: Any) -> Sql:
    """Return the condition that a threshold rose (or fell, below zero) past the value."""
    befores, afters = (value if isinstance(value, tuple) else (value,) for value in (before, after))
    moved = [pair for pair in zip(befores, afters, strict=True) if pair[0] != pair[1]]  # 0 points stay 0
    over = [_between(x, (min(pair), max(pair))) for pair in moved]
    return compose("({any})", any=joined(" OR ", over)) if over else FALSE


type Ranges = tuple[tuple[float | None, float | None], ...]


def _in_ranges(x: Expression, ranges: Ranges) -> Sql:
    inside = [joined(" AND ", _ends(x, lo, hi)) for lo, hi in ranges]
    return compose("({any})", any=joined(" OR ", inside))


def _ends(x: Expression, lo: float | None, hi: float | None) -> list[Sql]:
    return ([_at_least(x, lo)] if lo is not None else []) + ([_less(x, hi)] if hi is not None else [])


def _ranges_moved(x: Expression, before: Ranges, after: Ranges) -> Sql:
    pairs = [
        (old, new)
        for olds, news in zip(before, after, strict=True)
        for old, new in zip(olds, news, strict=True)
        if old is not None and new is not None
    ]
    return compose("({any})", any=joined(" OR ", [_passed(x, *pair) for pair in pairs])) if pairs else FALSE


# fmt: off
# ruff: noqa: E501
SCORE_OPERATORS = (
    Operator("at_least", _SCORE, _("is at least"), _("%(field)s is at least %(value)s"), NUMBER, _at_least, moved=_passed),
    Operator("less_than", _SCORE, _("is less than"), _("%(field)s is less than %(value)s"), NUMBER, _less, moved=_passed),
    Operator("between", _SCORE, _("is between"), _("%(field)s is between %(value)s"), PAIR, _between, moved=_passed),
    Operator("between_not", _SCORE, _("is not between"), _("%(field)s is not between %(value)s"), PAIR, negates="between"),
    Operator("is_any_of", _GRADE, _("is any of"), _("%(field)s is %(value)s"), CHOICES, _in_ranges, moved=_ranges_moved),
    Operator("is_none_of", _GRADE, _("is none of"), _("%(field)s is not %(value)s"), NO_CHOICES, negates="is_any_of"),
)
# fmt: on
