"""Operators on numbers and amounts of money."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.readers import NUMBER, PAIR
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type

_NUMBER = (Type.NUMBER, Type.MONEY)


def _compared(sign: str) -> Callable[[Expression, Any], Sql]:
    return lambda x, number: compose(f"{{x}} {sign} %s", number, x=x.sql)


def _equals(x: Expression, number: Decimal) -> Sql:
    if x.holds is None:
        return compose("{x} = %s", number, x=x.sql)
    return x.holds(int(number) if number == number.to_integral_value() else float(number))


def _between(x: Expression, pair: tuple[Any, Any]) -> Sql:
    return compose("{x} BETWEEN %s AND %s", *pair, x=x.sql)


# fmt: off
# ruff: noqa: E501
NUMBER_OPERATORS = (
    Operator("equals", _NUMBER, _("equals"), _("%(field)s equals %(value)s"), NUMBER, _equals),
    Operator("equals_not", _NUMBER, _("does not equal (or is missing)"), _("%(field)s does not equal %(value)s (or is missing)"), NUMBER, negates="equals"),
    Operator("less_than", _NUMBER, _("is less than"), _("%(field)s is less than %(value)s"), NUMBER, _compared("<")),
    Operator("at_most", _NUMBER, _("is at most"), _("%(field)s is at most %(value)s"), NUMBER, _compared("<=")),
    Operator("more_than", _NUMBER, _("is more than"), _("%(field)s is more than %(value)s"), NUMBER, _compared(">")),
    Operator("at_least", _NUMBER, _("is at least"), _("%(field)s is at least %(value)s"), NUMBER, _compared(">=")),
    Operator("between", _NUMBER, _("is between"), _("%(field)s is between %(value)s"), PAIR, _between),
    Operator("between_not", _NUMBER, _("is not between (or is missing)"), _("%(field)s is not between %(value)s (or is missing)"), PAIR, negates="between"),
)
# fmt: on
