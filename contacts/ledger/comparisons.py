"""The operators that compare a property of an event: one row of a table is one. Used by conditions (conditions.py).

Property names and values reach SQL as parameters only.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class BadCondition(ValueError):
    """A stored or posted condition cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Operator:
    """A comparison: its key, its name in a form, its whole sentence, its SQL over the alias `e`, how a value is read.

    A missing property matches only what says so: "is not (or is missing)" and its like, and "is missing".
    `listed`: its value is a list of texts, for which a score rule's form has no room.
    """

    key: str
    label: str | Promise
    pattern: str | Promise
    sql: str
    read: Callable[[Any], Any] | None
    listed: bool = False

    def params(self, name: str, value: Any) -> list[Any]:
        """Return the parameters of `sql`: the property's name as often as it asks, and the value where it asks."""
        return [name if slot == "name" else value for slot in _slots(self.sql)]


def _slots(sql: str) -> list[str]:
    return [part.split(")")[0] for part in sql.split("%(")[1:]]


def _text(raw: str) -> str:
    if not raw.strip():
        raise BadCondition(_("A value is missing."))
    return raw.strip()


def _pattern(raw: str) -> str:
    """Return what LIKE takes for a text in which * stands for anything."""
    return re.sub(r"([%_\\])", r"\\\1", _text(raw)).replace("*", "%")


def _number(raw: str) -> Decimal:
    try:
        number = Decimal(raw.replace(",", "").strip())
    except InvalidOperation as error:
        raise BadCondition(_("“%(value)s” is not a number.") % {"value": raw}) from error
    if not number.is_finite():
        raise BadCondition(_("“%(value)s” is not a number.") % {"value": raw})
    return number


def _day(raw: str) -> date:
    try:
        return date.fromisoformat(raw.strip())
    except ValueError as error:
        raise BadCondition(_("“%(value)s” is no date such as 2026-11-21.") % {"value": raw}) from error


def _texts(raw: list[str]) -> list[str]:
    if not raw:
        raise BadCondition(_("A value is missing."))
    return [_text(one).lower() for one in raw]


def limits(raw: list[str]) -> list[Decimal]:
    if len(raw) != 2:
        raise BadCondition(_("Two numbers are needed."))
    return sorted(_number(one) for one in raw)


_LOWER = "lower(e.properties ->> %(name)s)"
_NUMBER = "CASE WHEN jsonb_typeof(e.properties -> %(name)s) = 'number' THEN (e.properties ->> %(name)s)::numeric "
# The day that is written, whatever time and zone follow; texts such as "today" are no days.
_DAY = (
    "CASE WHEN e.properties ->> %(name)s ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' "
    "AND pg_input_is_valid(left(e.properties ->> %(name)s, 10), 'date') THEN left(e.properties ->> %(name)s, 10)::date "
)

_OPERATORS: tuple[tuple[str, str | Promise, str | Promise, str, Callable[[Any], Any] | None], ...] = (
    (
        "is",
        gettext_lazy("is"),
        gettext_lazy("%(property)s is %(value)s"),
        f"{_LOWER} = lower(%(value)s)",
        _text,
    ),
    (
        "is_not",
        gettext_lazy("is not (or is missing)"),
        gettext_lazy("%(property)s is not %(value)s (or is missing)"),
        f"{_LOWER} IS DISTINCT FROM lower(%(value)s)",
        _text,
    ),
    (
        "any_of",
        gettext_lazy("is one of"),
        gettext_lazy("%(property)s is one of %(value)s"),
        f"{_LOWER} = ANY(%(value)s)",
        _texts,
    ),
    (
        "none_of",
        gettext_lazy("is none of (or is missing)"),
        gettext_lazy("%(property)s is none of %(value)s (or is missing)"),
        f"NOT coalesce({_LOWER} = ANY(%(value)s), false)",
        _texts,
    ),
    (
        "contains",
        gettext_lazy("contains"),
        gettext_lazy("%(property)s contains %(value)s"),
        f"strpos({_LOWER}, lower(%(value)s)) > 0",
        _text,
    ),
    (
        "contains_not",
        gettext_lazy("does not contain (or is missing)"),
        gettext_lazy("%(property)s does not contain %(value)s (or is missing)"),
        f"coalesce(strpos({_LOWER}, lower(%(value)s)), 0) = 0",
        _text,
    ),
    (
        "starts",
        gettext_lazy("starts with"),
        gettext_lazy("%(property)s starts with %(value)s"),
        f"starts_with({_LOWER}, lower(%(value)s))",
        _text,
    ),
    (
        "matches",
        gettext_lazy("fits the pattern (* stands for anything)"),
        gettext_lazy("%(property)s fits the pattern %(value)s"),
        f"{_LOWER} LIKE lower(%(value)s)",
        _pattern,
    ),
    (
        "has",
        gettext_lazy("is a list with"),
        gettext_lazy("%(property)s is a list with %(value)s"),
        "jsonb_typeof(e.properties -> %(name)s) = 'array' AND e.properties -> %(name)s @> to_jsonb(%(value)s::text)",
        _text,
    ),
    (
        "more_than",
        gettext_lazy("is more than"),
        gettext_lazy("%(property)s is more than %(value)s"),
        f"{_NUMBER} > %(value)s ELSE false END",
        _number,
    ),
    (
        "at_least",
        gettext_lazy("is at least"),
        gettext_lazy("%(property)s is at least %(value)s"),
        f"{_NUMBER} >= %(value)s ELSE false END",
        _number,
    ),
    (
        "less_than",
        gettext_lazy("is less than"),
        gettext_lazy("%(property)s is less than %(value)s"),
        f"{_NUMBER} < %(value)s ELSE false END",
        _number,
    ),
    (
        "at_most",
        gettext_lazy("is at most"),
        gettext_lazy("%(property)s is at most %(value)s"),
        f"{_NUMBER} <= %(value)s ELSE false END",
        _number,
    ),
    (
        "between",
        gettext_lazy("is between"),
        gettext_lazy("%(property)s is between %(value)s"),
        f"{_NUMBER} BETWEEN (%(value)s::numeric[])[1] AND (%(value)s::numeric[])[2] ELSE false END",
        limits,
    ),
    (
        "before",
        gettext_lazy("is a date before"),
        gettext_lazy("%(property)s is a date before %(value)s"),
        f"{_DAY} < %(value)s ELSE false END",
        _day,
    ),
    (
        "since",
        gettext_lazy("is a date on or after"),
        gettext_lazy("%(property)s is a date on or after %(value)s"),
        f"{_DAY} >= %(value)s ELSE false END",
        _day,
    ),
    (
        "given",
        gettext_lazy("is given"),
        gettext_lazy("%(property)s is given"),
        "coalesce(e.properties ->> %(name)s, '') <> ''",
        None,
    ),
    (
        "missing",
        gettext_lazy("is missing"),
        gettext_lazy("%(property)s is missing"),
        "coalesce(e.properties ->> %(name)s, '') = ''",
        None,
    ),
)
OPERATORS = {row[0]: Operator(*row, listed=row[4] in (_texts, limits)) for row in _OPERATORS}
