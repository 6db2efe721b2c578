"""An oracle for rules: plain Python over what happened, read from the definition's JSON and sharing no SQL.

Behaviour is judged here; `fields` answers {"field": …} where a world has fields.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.spans import Span, Unit

ACTIVE = {
    "page.viewed",
    "form.submitted",
    "product.viewed",
    "cart.updated",
    "order.placed",
    "mail.opened",
    "mail.clicked",
}


@dataclass(frozen=True)
class Deed:
    """An event that counts."""

    kind: str
    at: datetime
    id: int
    subject: str = ""
    value: Decimal | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Person:
    """What an oracle knows of a person."""

    id: int
    deeds: list[Deed]
    created_at: datetime
    stage_since: datetime | None = None
    account: int | None = None


@dataclass(repr=False)
class World:
    """Everybody; `field_holds(person, node, at)` answers for fields."""

    people: list[Person]
    field_holds: Callable[[Person, dict[str, Any], Moment], bool] | None = None

    def matching(self, definition: dict[str, Any], at: Moment) -> set[int]:
        """Return the ids of those who match."""
        return {person.id for person in self.people if self.holds(person, definition["rule"], at)}

    def holds(self, person: Person, node: dict[str, Any], at: Moment) -> bool:
        """Tell whether one node is true of a person."""
        for mode, join in (("all", all), ("any", any), ("none", lambda answers: not any(answers))):
            if mode in node:
                return bool(join([self.holds(person, child, at) for child in node[mode]]))
        if "sequence" in node:
            return _sequence(person, node["sequence"], at)
        if "people_of_account" in node:
            return self._of_account(person, node, at)
        if "field" in node:
            assert self.field_holds is not None
            return self.field_holds(person, node, at)
        return _did(person, node, at)

    def _of_account(self, person: Person, node: dict[str, Any], at: Moment) -> bool:
        if person.account is None:
            return False
        peers = [peer for peer in self.people if peer.account == person.account]
        met = sum(self.holds(peer, node["rule"], at) for peer in peers)
        return {"any": met >= 1, "every": met == len(peers), "at_least": met >= node.get("n", 1)}[
            node["people_of_account"]
        ]


# --- windows --------------------------------------------------------------------------------------------------------
def _ago(span: dict[str, Any], at: Moment) -> datetime:
    return Span(span["n"], Unit(span["unit"])).before(at.now, at.zone)


def _midnight(day: date, at: Moment) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=at.zone).astimezone(UTC)


def _time(text: str, at: Moment) -> datetime:
    if len(text) == 10:
        return _midnight(date.fromisoformat(text), at)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=at.zone)).astimezone(UTC)


def _calendar(word: str, at: Moment) -> tuple[datetime, datetime | None]:
    today = at.now.astimezone(at.zone).date()
    firsts = {
        "today": (today, None),
        "yesterday": (today - timedelta(days=1), today),
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1),
        "year": today.replace(month=1, day=1),
    }
    if word in ("today", "yesterday"):
        lo, hi = firsts[word]
        return _midnight(lo, at), hi and _midnight(hi, at)
    which, unit = word.split("_")
    first = firsts[unit]
    if which == "this":
        return _midnight(first, at), None
    before = first - timedelta(days=1)
    begin = {
        "week": first - timedelta(days=7),
        "month": before.replace(day=1),
        "quarter": before.replace(month=3 * ((before.month - 1) // 3) + 1, day=1),
        "year": before.replace(month=1, day=1),
    }[unit]
    return _midnight(begin, at), _midnight(first, at)


def _in_window(window: dict[str, Any] | None, person: Person, at: Moment) -> Callable[[datetime], bool]:
    if not window:
        return lambda _time: True
    [(key, inner)] = window.items()
    if key == "since_stage":
        since = person.stage_since
        return lambda time: since is not None and time >= since
    if key == "after_creation":
        end = person.created_at + timedelta(**{inner["unit"]: inner["n"]})
        return lambda time: time < end
    if key == "since":
        times = [deed.at for deed in person.deeds if deed.kind == inner["did"]]
        if not times:
            return lambda _time: False
        anchor = min(times) if inner["which"] == "first" else max(times)
        return lambda time: time > anchor
    lo: datetime | None
    hi: datetime | None
    if key == "calendar":
        lo, hi = _calendar(inner, at)
    else:
        lo, hi = {
            "last": lambda: (_ago(inner, at), None),
            "ago": lambda: (_ago(inner["from"], at), _ago(inner["to"], at)),
            "more_than_ago": lambda: (None, _ago(inner, at)),
            "before": lambda: (None, _time(inner, at)),
            "after": lambda: (_time(inner, at), None),
            "between": lambda: (_time(inner[0], at), _time(inner[1], at)),
        }[key]()
    return lambda time: (lo is None or time >= lo) and (hi is None or time < hi)


# --- deeds ----------------------------------------------------------------------------------------------------------
def _fits(deed: Deed, node: dict[str, Any], key: str = "did") -> bool:
    if deed.kind not in (ACTIVE if node[key] == "any" else {node[key]}):
        return False
    if "on" in node and deed.subject not in node["on"]["keys"]:
        return False
    return all(_condition(deed, one) for one in node.get("where", []))


def _condition(deed: Deed, one: dict[str, Any]) -> bool:
    value = deed.properties.get(one["property"])
    if one["operator"] == "is":
        return value is not None and str(value).lower() == one["value"].lower()
    assert one["operator"] == "at_least"
    return isinstance(value, int) and value >= int(one["value"])


def _compared(x: Any, operator: str, value: Any, to: Any = None) -> bool:
    if operator == "between":
        lo, hi = sorted(value) if isinstance(value, list) else (value, to)
        return bool(lo <= x <= hi)
    return bool(
        {
            "more_than": lambda: x > value,
            "at_least": lambda: x >= value,
            "less_than": lambda: x < value,
            "at_most": lambda: x <= value,
            "exactly": lambda: x == value,
            "never": lambda: x == 0,
            "is": lambda: str(x).lower() == str(value).lower(),
        }[operator]()
    )


def _measured(deeds: list[Deed], measure: dict[str, Any]) -> Any:
    def carried(deed: Deed) -> Any:
        value = deed.value if measure["of"] == "value" else deed.properties.get(measure["of"])
        if measure["operator"] == "is" or (measure["by"] == "distinct" and measure["of"] != "value"):
            return None if value in (None, "") else str(value)
        return value if isinstance(value, (int, Decimal)) else None

    values = [carried(deed) for deed in sorted(deeds, key=lambda deed: (deed.at, deed.id))]
    values = [value for value in values if value is not None]
    if measure["by"] == "sum":
        return sum(values)
    if measure["by"] == "distinct":
        return len(set(values))
    if not values:
        return None
    return {
        "average": lambda: Decimal(sum(values)) / len(values),
        "smallest": lambda: min(values),
        "largest": lambda: max(values),
        "first": lambda: values[0],
        "last": lambda: values[-1],
    }[measure["by"]]()


def _did(person: Person, node: dict[str, Any], at: Moment) -> bool:
    inside = _in_window(node.get("window"), person, at)
    fitting = [deed for deed in person.deeds if _fits(deed, node)]
    if node.get("first"):
        return bool(fitting) and inside(min(deed.at for deed in fitting))
    deeds = [deed for deed in fitting if inside(deed.at)]
    if "measure" in node:
        x = _measured(deeds, node["measure"])
        return x is not None and _compared(x, node["measure"]["operator"], node["measure"]["value"])
    times = node.get("times", {"operator": "at_least", "n": 1})
    return _compared(len(deeds), times["operator"], times.get("n"), times.get("to"))


def _sequence(person: Person, steps: list[dict[str, Any]], at: Moment) -> bool:
    inside = _in_window(steps[0].get("window"), person, at)
    starts = [deed.at for deed in person.deeds if _fits(deed, steps[0]) and inside(deed.at)]
    return any(_goes_on(person, steps[1:], start, at) for start in starts)


def _goes_on(person: Person, steps: list[dict[str, Any]], last: datetime, at: Moment) -> bool:
    if not steps:
        return True
    step, key = steps[0], "did" if "did" in steps[0] else "did_not"
    end = last + timedelta(**{step["within"]["unit"]: step["within"]["n"]}) if "within" in step else None
    later = [
        deed.at
        for deed in person.deeds
        if _fits(deed, step, key) and deed.at > last and (end is None or deed.at <= end)
    ]
    if key == "did":
        return any(_goes_on(person, steps[1:], time, at) for time in later)
    return not later and (end is None or end < at.now) and _goes_on(person, steps[1:], last, at)
