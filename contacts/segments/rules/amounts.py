"""How often, or how much: what is taken over the events that count, and the comparison with it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.segments.errors import Wrong
from contacts.segments.rules.sql import FALSE, Sql, compose
from contacts.segments.rules.words import filled
from crm.kit import figures

_MOST_TIMES = 100_000
_LARGEST = Decimal(10) ** 15
_LONGEST = 200


class By(StrEnum):
    """What is taken over the events."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    SMALLEST = "smallest"
    LARGEST = "largest"
    FIRST = "first"
    LAST = "last"
    DISTINCT = "distinct"


# Of nothing, these are 0; the others are missing, and every comparison with them is false.
_ZERO_OF_NOTHING = (By.COUNT, By.SUM, By.DISTINCT)
# %s stands for the number or text that an event carries; the first and last are of those that carry one.
_AGGREGATES = {
    By.COUNT: "count(*)",
    By.SUM: "coalesce(sum({x}), 0)",
    By.AVERAGE: "avg({x})",
    By.SMALLEST: "min({x})",
    By.LARGEST: "max({x})",
    By.FIRST: "(array_agg({x} ORDER BY e.occurred_at, e.id) FILTER (WHERE {y} IS NOT NULL))[1]",
    By.LAST: "(array_agg({x} ORDER BY e.occurred_at DESC, e.id DESC) FILTER (WHERE {y} IS NOT NULL))[1]",
    By.DISTINCT: "count(DISTINCT {x})",
}


@dataclass(frozen=True)
class Comparison:
    """One row of the table: its SQL over {x} with the values {a} and {b}, and the same in Python."""

    key: str
    pattern: str | Promise
    sql: str
    holds: Callable[[Any, Any, Any], bool]
    text: bool = False  # compares texts


COMPARISONS = {
    row.key: row
    for row in (
        Comparison("more_than", gettext_lazy("%(x)s more than %(a)s"), "{x} > {a}", lambda x, a, *_: x > a),
        Comparison("at_least", gettext_lazy("%(x)s at least %(a)s"), "{x} >= {a}", lambda x, a, *_: x >= a),
        Comparison("less_than", gettext_lazy("%(x)s less than %(a)s"), "{x} < {a}", lambda x, a, *_: x < a),
        Comparison("at_most", gettext_lazy("%(x)s at most %(a)s"), "{x} <= {a}", lambda x, a, *_: x <= a),
        Comparison("exactly", gettext_lazy("%(x)s exactly %(a)s"), "{x} = {a}", lambda x, a, *_: x == a),
        Comparison(
            "between",
            gettext_lazy("%(x)s from %(a)s to %(b)s"),
            "{x} BETWEEN {a} AND {b}",
            lambda x, a, b: a <= x <= b,
        ),
        Comparison(
            "is",
            gettext_lazy("%(x)s is “%(a)s”"),
            "lower({x}) = lower({a})",
            lambda x, a, *_: x.lower() == a.lower(),
            True,
        ),
        Comparison(
            "contains",
            gettext_lazy("%(x)s contains “%(a)s”"),
            "strpos(lower({x}), lower({a})) > 0",
            lambda x, a, *_: a.lower() in x.lower(),
            True,
        ),
    )
}
_TIMES = ("at_least", "at_most", "exactly", "between")


@dataclass(frozen=True)
class Amount:
    """A comparison of one figure over the events. `of` is "value" or a property's name; `b` only for "between"."""

    by: By
    comparison: Comparison
    a: Decimal | str
    b: Decimal | None = None
    of: str = ""

    def taken(self) -> Sql:
        """Return the aggregate over events `e`."""
        return compose(_AGGREGATES[self.by], x=self._carried(), y=self._carried())

    def _carried(self) -> Sql:
        if self.of == "value":
            return Sql("e.value::text") if self.comparison.text else Sql("e.value")
        if self.comparison.text or self.by is By.DISTINCT:
            return Sql("nullif(e.properties ->> %s, '')", (self.of,))
        number = "CASE WHEN jsonb_typeof(e.properties -> %s) = 'number' THEN (e.properties ->> %s)::numeric END"
        return Sql(number, (self.of, self.of))

    def holds(self, x: Sql) -> Sql:
        """Return the comparison with `x`; null where that is."""
        b = Sql("%s", (self.b,)) if self.b is not None else FALSE
        return compose(self.comparison.sql, x=x, a=Sql("%s", (self.a,)), b=b)

    @property
    def includes_never(self) -> bool:
        """Tell whether it holds for people without any event."""
        return self.by in _ZERO_OF_NOTHING and self.comparison.holds(Decimal(0), self.a, self.b)

    @property
    def ends(self) -> tuple[int, int | None] | None:
        """For a count: it holds from the first number to the second (None: no end)."""
        if self.by is not By.COUNT:
            return None
        a, b = int(self.a), int(self.b or 0)
        return {"at_least": (a, None), "at_most": (0, a), "exactly": (a, a), "between": (a, b)}[self.comparison.key]

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal amount: the value of "times" or "measure"."""
        if self.by is not By.COUNT:
            value = [_json(self.a), _json(self.b)] if self.b is not None else _json(self.a)
            return {"of": self.of, "by": self.by.value, "operator": self.comparison.key, "value": value}
        if self == NEVER:
            return {"operator": "never"}
        to = {} if self.b is None else {"to": int(self.b)}
        return {"operator": self.comparison.key, "n": int(self.a)} | to

    def said(self, what: str) -> str:
        """Return `what`, such as "opened a mail", with the amount."""
        if self.by is By.COUNT:
            return _times_said(self, what)
        figure = filled(str(_BY[self.by]), of=_("amount") if self.of == "value" else self.of)
        compared = filled(str(self.comparison.pattern), x=figure, a=self._figure(self.a), b=self._figure(self.b))
        pattern = _("%(what)s with %(amount)s (or never)") if self.includes_never else _("%(what)s with %(amount)s")
        return filled(pattern, what=what, amount=compared)

    def _figure(self, number: Decimal | str | None) -> str:
        if number is None or isinstance(number, str):
            return number or ""
        if self.of == "value" and self.by is not By.DISTINCT:
            return figures.money(number)
        return f"{number.normalize():,f}"


NEVER = Amount(By.COUNT, COMPARISONS["at_most"], Decimal(0))
ONCE = Amount(By.COUNT, COMPARISONS["at_least"], Decimal(1))
_BY = {
    By.SUM: gettext_lazy("sum of %(of)s"),
    By.AVERAGE: gettext_lazy("average of %(of)s"),
    By.SMALLEST: gettext_lazy("smallest %(of)s"),
    By.LARGEST: gettext_lazy("largest %(of)s"),
    By.FIRST: gettext_lazy("first %(of)s"),
    By.LAST: gettext_lazy("last %(of)s"),
    By.DISTINCT: gettext_lazy("number of different values of %(of)s"),
}


def _times_said(amount: Amount, what: str) -> str:
    n, to = int(amount.a), int(amount.b or 0)
    if amount.comparison.key == "at_most" and n == 0:
        return filled(_("never %(what)s"), what=what)
    if amount == ONCE:
        return filled(_("%(what)s at least once"), what=what)
    patterns = {
        "at_least": ngettext("%(what)s at least %(n)s time", "%(what)s at least %(n)s times", n),
        "at_most": ngettext("%(what)s at most %(n)s time (or never)", "%(what)s at most %(n)s times (or never)", n),
        "exactly": ngettext("%(what)s exactly %(n)s time", "%(what)s exactly %(n)s times", n),
        "between": ngettext("%(what)s %(n)s to %(to)s time", "%(what)s %(n)s to %(to)s times", to),
    }
    said = filled(patterns[amount.comparison.key], what=what, n=figures.count(n), to=figures.count(to))
    never = amount.includes_never and amount.comparison.key != "at_most"
    return filled(_("%(what)s (or never)"), what=said) if never else said


def _json(number: Decimal | str | None) -> int | float | str | None:
    if number is None or isinstance(number, str):
        return number
    return int(number) if number == number.to_integral_value() else float(number)


# --- reading --------------------------------------------------------------------------------------------------------
def read_times(raw: Any) -> Amount:
    """Return the amount of a stored "times". Raises Wrong."""
    if not isinstance(raw, dict) or set(raw) - {"operator", "n", "to"} or not isinstance(raw.get("operator"), str):
        raise Wrong(_("“times” has an “operator” and a number “n”."))
    key = raw["operator"]
    if key == "never":
        return NEVER
    if key not in _TIMES:
        raise Wrong(_("How often is one of: %(keys)s.") % {"keys": ", ".join((*_TIMES, "never"))}, "operator")
    n = _whole(raw.get("n"), "n")
    to = _whole(raw.get("to"), "to") if key == "between" else None
    if to is not None and to < n:
        raise Wrong(_("The first number is larger than the second."), "to")
    return Amount(By.COUNT, COMPARISONS[key], n, to)


def _whole(raw: Any, name: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= _MOST_TIMES:
        raise Wrong(_("Write a whole number from 0 to %(limit)s.") % {"limit": "100,000"}, name)
    return Decimal(raw)


def read_measure(raw: Any) -> Amount:
    """Return the amount of a stored "measure". Raises Wrong."""
    if not isinstance(raw, dict) or set(raw) != {"of", "by", "operator", "value"}:
        raise Wrong(_("“measure” has “of”, “by”, “operator” and “value”."))
    of, by, key = raw["of"], raw["by"], raw["operator"]
    if not isinstance(of, str) or not 0 < len(of.strip()) <= _LONGEST:
        raise Wrong(_("Name the property that is measured."), "of")
    if by not in [one.value for one in _BY]:
        raise Wrong(_("A measure is one of: %(keys)s.") % {"keys": ", ".join(_BY)}, "by")
    if not isinstance(key, str) or key not in COMPARISONS:
        raise Wrong(_("A comparison is one of: %(keys)s.") % {"keys": ", ".join(COMPARISONS)}, "operator")
    if COMPARISONS[key].text and by not in (By.FIRST, By.LAST):
        raise Wrong(_("Only the first or last text can be compared so."), "operator")
    return Amount(By(by), COMPARISONS[key], *_values(raw["value"], COMPARISONS[key]), of=of.strip())


def _values(raw: Any, comparison: Comparison) -> tuple[Decimal | str, Decimal | None]:
    if comparison.text:
        if not isinstance(raw, str) or not 0 < len(raw.strip()) <= _LONGEST:
            raise Wrong(_("Write a text."), "value")
        return raw.strip(), None
    if comparison.key != "between":
        return _number(raw), None
    if not isinstance(raw, list) or len(raw) != 2:
        raise Wrong(_("Write two numbers."), "value")
    a, b = sorted(_number(one) for one in raw)
    return a, b


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not -_LARGEST < raw < _LARGEST:
        raise Wrong(_("Write a number."), "value")
    return Decimal(str(raw))
