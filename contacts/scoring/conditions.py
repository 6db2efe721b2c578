"""Conditions on an event's properties: one row of a table is one operator. Used by score rules.

Property names and values reach SQL as parameters only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_LONGEST = 200
_MOST = 20


class BadCondition(ValueError):
    """A stored or posted condition cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Operator:
    """A comparison: its key, its name in a form, its whole sentence, its SQL over the alias `e`, how a value is read.

    A missing property matches nothing but "is not" and "is missing"; the labels say so.
    """

    key: str
    label: str | Promise
    pattern: str | Promise
    sql: str
    read: Callable[[str], Any] | None

    def params(self, name: str, value: Any) -> list[Any]:
        """Return the parameters of `sql`: the property's name as often as it asks, and the value where it asks."""
        return [name if slot == "name" else value for slot in _slots(self.sql)]


def _slots(sql: str) -> list[str]:
    return [part.split(")")[0] for part in sql.split("%(")[1:]]


def _text(raw: str) -> str:
    if not raw.strip():
        raise BadCondition(_("A value is missing."))
    return raw.strip()


def _number(raw: str) -> Decimal:
    try:
        number = Decimal(raw.replace(",", "").strip())
    except InvalidOperation as error:
        raise BadCondition(_("“%(value)s” is not a number.") % {"value": raw}) from error
    if not number.is_finite():
        raise BadCondition(_("“%(value)s” is not a number.") % {"value": raw})
    return number


# Names that stand for columns of the event rather than for its properties.
_COLUMNS = {
    "value": "jsonb_build_object('value', e.value)",
    "subject": "jsonb_build_object('subject', (SELECT key FROM ledger_subject WHERE id = e.subject_id))",
}
_NUMBER = "CASE WHEN jsonb_typeof(e.properties -> %(name)s) = 'number' THEN (e.properties ->> %(name)s)::numeric "

OPERATORS = {
    operator.key: operator
    for operator in (
        Operator(
            "is",
            gettext_lazy("is"),
            gettext_lazy("%(property)s is %(value)s"),
            "lower(e.properties ->> %(name)s) = lower(%(value)s)",
            _text,
        ),
        Operator(
            "is_not",
            gettext_lazy("is not (or is missing)"),
            gettext_lazy("%(property)s is not %(value)s (or is missing)"),
            "lower(e.properties ->> %(name)s) IS DISTINCT FROM lower(%(value)s)",
            _text,
        ),
        Operator(
            "contains",
            gettext_lazy("contains"),
            gettext_lazy("%(property)s contains %(value)s"),
            "strpos(lower(e.properties ->> %(name)s), lower(%(value)s)) > 0",
            _text,
        ),
        Operator(
            "starts",
            gettext_lazy("starts with"),
            gettext_lazy("%(property)s starts with %(value)s"),
            "starts_with(lower(e.properties ->> %(name)s), lower(%(value)s))",
            _text,
        ),
        Operator(
            "at_least",
            gettext_lazy("is at least"),
            gettext_lazy("%(property)s is at least %(value)s"),
            f"{_NUMBER} >= %(value)s ELSE false END",
            _number,
        ),
        Operator(
            "at_most",
            gettext_lazy("is at most"),
            gettext_lazy("%(property)s is at most %(value)s"),
            f"{_NUMBER} <= %(value)s ELSE false END",
            _number,
        ),
        Operator(
            "given",
            gettext_lazy("is given"),
            gettext_lazy("%(property)s is given"),
            "coalesce(e.properties ->> %(name)s, '') <> ''",
            None,
        ),
        Operator(
            "missing",
            gettext_lazy("is missing"),
            gettext_lazy("%(property)s is missing"),
            "coalesce(e.properties ->> %(name)s, '') = ''",
            None,
        ),
    )
}


@dataclass(frozen=True)
class Condition:
    """One comparison of a rule, parsed."""

    name: str
    operator: Operator
    value: str

    def sql(self) -> tuple[str, list[Any]]:
        """Return SQL over the alias `e` with %s places, and its parameters."""
        text = self.operator.sql.replace("%(name)s", "%s").replace("%(value)s", "%s")
        text = text.replace("e.properties", _COLUMNS.get(self.name, "e.properties"))
        value = self.operator.read(self.value) if self.operator.read else None
        return text, self.operator.params(self.name, value)

    def stored(self) -> dict[str, str]:
        """Return the form in which it is kept."""
        return {"property": self.name, "operator": self.operator.key, "value": self.value}

    def __str__(self) -> str:
        return str(self.operator.pattern) % {"property": self.name, "value": self.value}


def parse(raw: Any) -> tuple[Condition, ...]:
    """Return the conditions of a stored list of {"property", "operator", "value"}. Raises BadCondition."""
    if not isinstance(raw, list) or len(raw) > _MOST:
        raise BadCondition(_("Conditions must be a list of at most %(most)d.") % {"most": _MOST})
    return tuple(_parse_one(item) for item in raw)


def _parse_one(item: Any) -> Condition:
    if not isinstance(item, dict) or set(item) - {"property", "operator", "value"}:
        raise BadCondition(_("A condition has a property, an operator and a value, and nothing else."))
    name, key, value = (item.get(part, "") for part in ("property", "operator", "value"))
    if not all(isinstance(part, str) and len(part) <= _LONGEST and "\0" not in part for part in (name, key, value)):
        raise BadCondition(_("A condition's parts are texts of at most %(longest)d letters.") % {"longest": _LONGEST})
    if not name.strip():
        raise BadCondition(_("A property is missing."))
    if key not in OPERATORS:
        raise BadCondition(_("There is no operator “%(operator)s”.") % {"operator": key})
    condition = Condition(name.strip(), OPERATORS[key], value.strip() if OPERATORS[key].read else "")
    condition.sql()
    return condition
