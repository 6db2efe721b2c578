"""Operators on yes or no, on one of a choice, and on several of a choice."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.readers import ALL_CHOICES, ALL_TEXTS, CHOICES, COUNT, NO_CHOICES, NO_TEXTS, NOTHING, TEXTS
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type

_BOOLEAN, _CHOICE, _ENTRIES, _MANY = (Type.BOOLEAN,), (Type.CHOICE,), (Type.ENTRIES,), (Type.MANY,)


def _yes(x: Expression, _value: None) -> Sql:
    return x.holds(True) if x.holds else x.sql


def _no(x: Expression, _value: None) -> Sql:
    return x.holds(False) if x.holds else compose("NOT {x}", x=x.sql)


def _among(x: Expression, values: tuple[Any, ...]) -> Sql:
    return x.among(values)


def at_least(x: Expression, count: int) -> Sql:
    """Test that a number of rows or entries is at least `count`."""
    return compose("{x} >= %s", count, x=x.sql)


def at_most(x: Expression, count: int) -> Sql:
    """Test that a number of rows or entries is at most `count`."""
    return compose("{x} <= %s", count, x=x.sql)


def _given(x: Expression, _value: None) -> Sql:
    return compose("{x} IS NOT NULL", x=x.sql)


_SINGLE = tuple(type_ for type_ in Type if type_ not in (Type.MANY, Type.ENTRIES, Type.SCORE, Type.GRADE))
_SEVERAL = (Type.MANY, Type.ENTRIES)

# fmt: off
# ruff: noqa: E501
CHOICE_OPERATORS = (
    Operator("yes", _BOOLEAN, _("is yes"), _("%(field)s: yes"), NOTHING, _yes),
    Operator("no", _BOOLEAN, _("is no"), _("%(field)s: no"), NOTHING, _no),
    Operator("yes_not", _BOOLEAN, _("is not yes (no, or is missing)"), _("%(field)s: not yes (no, or is missing)"), NOTHING, negates="yes"),
    Operator("is_any_of", _CHOICE, _("is any of"), _("%(field)s is %(value)s"), CHOICES, _among),
    Operator("is_none_of", _CHOICE, _("is none of (or is missing)"), _("%(field)s is not %(value)s (or is missing)"), NO_CHOICES, negates="is_any_of"),
    Operator("has_any_of", _MANY, _("has any of"), _("%(field)s has %(value)s"), CHOICES, _among),
    Operator("has_all_of", _MANY, _("has all of"), _("%(field)s has all of %(value)s"), ALL_CHOICES, _among, each=True),
    Operator("has_exactly", _MANY, _("has exactly these"), _("%(field)s has %(value)s and nothing else"), ALL_CHOICES, _among, each=True, only=True),
    Operator("has_none_of", _MANY, _("has none of (or is empty)"), _("%(field)s has none of %(value)s (or is empty)"), NO_CHOICES, negates="has_any_of"),
    Operator("has_any_of", _ENTRIES, _("has any of"), _("%(field)s has %(value)s"), TEXTS, _among),
    Operator("has_all_of", _ENTRIES, _("has all of"), _("%(field)s has all of %(value)s"), ALL_TEXTS, _among, each=True),
    Operator("has_exactly", _ENTRIES, _("has exactly these"), _("%(field)s has %(value)s and nothing else"), ALL_TEXTS, _among, each=True, only=True),
    Operator("has_none_of", _ENTRIES, _("has none of (or is empty)"), _("%(field)s has none of %(value)s (or is empty)"), NO_TEXTS, negates="has_any_of"),
    Operator("count_at_least", _SEVERAL, _("has at least so many"), _("%(field)s has at least %(value)s entries"), COUNT, at_least, counts=True),
    Operator("count_at_most", _SEVERAL, _("has at most so many (or is empty)"), _("%(field)s has at most %(value)s entries (or is empty)"), COUNT, at_most, counts=True),
    Operator("given", _SINGLE, _("is given"), _("%(field)s is given"), NOTHING, _given),
    Operator("missing", _SINGLE, _("is missing"), _("%(field)s is missing"), NOTHING, negates="given"),
    Operator("filled", _SEVERAL, _("is not empty"), _("%(field)s is not empty"), NOTHING, _given),
    Operator("empty", _SEVERAL, _("is empty"), _("%(field)s is empty"), NOTHING, negates="filled"),
)
# fmt: on
