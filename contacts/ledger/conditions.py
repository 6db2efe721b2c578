"""Conditions on an event's properties, parsed and as SQL. Used by score rules and segments.

Property names and values reach SQL as parameters only.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contacts.ledger.comparisons import OPERATORS, BadCondition, Operator, limits

_LONGEST = 200
_MOST = 20
# Names that stand for columns of the event rather than for its properties.
_COLUMNS = {
    "value": "jsonb_build_object('value', e.value)",
    "subject": "jsonb_build_object('subject', (SELECT key FROM ledger_subject WHERE id = e.subject_id))",
}


@dataclass(frozen=True)
class Condition:
    """One comparison of a rule, parsed. `value` is a text, or a tuple of texts for an operator with a list."""

    name: str
    operator: Operator
    value: str | tuple[str, ...]

    def sql(self) -> tuple[str, list[Any]]:
        """Return SQL over the alias `e` with %s places, and its parameters. It may be null, which is false."""
        text = self.operator.sql.replace("%(name)s", "%s").replace("%(value)s", "%s")
        text = text.replace("e.properties", _COLUMNS.get(self.name, "e.properties"))
        return text, self.operator.params(self.name, self._read())

    def _read(self) -> Any:
        given = list(self.value) if isinstance(self.value, tuple) else self.value
        return self.operator.read(given) if self.operator.read else None

    def stored(self) -> dict[str, Any]:
        """Return the form in which it is kept."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"property": self.name, "operator": self.operator.key, "value": value}

    def __str__(self) -> str:
        return str(self.operator.pattern) % {"property": self.name, "value": self._said()}

    def _said(self) -> str:
        if isinstance(self.value, str):
            return self.value
        join = _("%(rest)s and %(last)s") if self.operator.read is limits else _("%(rest)s or %(last)s")
        rest, last = ", ".join(self.value[:-1]), self.value[-1]
        return join % {"rest": rest, "last": last} if rest else last


def parse(raw: Any) -> tuple[Condition, ...]:
    """Return the conditions of a stored list of {"property", "operator", "value"}. Raises BadCondition.

    A value is a text; for an operator with `listed` a list of texts. Numbers are read as texts.
    """
    if not isinstance(raw, list) or len(raw) > _MOST:
        raise BadCondition(_("Conditions must be a list of at most %(most)d.") % {"most": _MOST})
    return tuple(_parse_one(item) for item in raw)


def _parse_one(item: Any) -> Condition:
    if not isinstance(item, dict) or set(item) - {"property", "operator", "value"}:
        raise BadCondition(_("A condition has a property, an operator and a value, and nothing else."))
    name, key = (_part(item.get(part, "")) for part in ("property", "operator"))
    if not name:
        raise BadCondition(_("A property is missing."))
    if key not in OPERATORS:
        raise BadCondition(_("There is no operator “%(operator)s”.") % {"operator": key})
    condition = Condition(name, OPERATORS[key], _value(OPERATORS[key], item.get("value", "")))
    condition.sql()
    return condition


def _part(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > _LONGEST or "\0" in raw:
        raise BadCondition(_("A condition's parts are texts of at most %(longest)d letters.") % {"longest": _LONGEST})
    return raw.strip()


def _value(operator: Operator, raw: Any) -> str | tuple[str, ...]:
    if operator.listed != isinstance(raw, list) or (operator.listed and len(raw) > _LONGEST):
        raise BadCondition(_("“%(operator)s” takes another kind of value.") % {"operator": operator.label})
    if isinstance(raw, list):
        return tuple(_part(_number_as_text(one)) for one in raw)
    value = _part(_number_as_text(raw))
    return value if operator.read else ""


def _number_as_text(raw: Any) -> Any:
    return str(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else raw
