"""The part of the oracle that answers for fields: plain Python over a person's facts, sharing nothing with the SQL.

Facts are by field key: texts, numbers, booleans, lists, `date` and aware `datetime`; what is missing is left out.
"""

import calendar
import fnmatch
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.spans import Span, Unit

OPPOSITES = {
    "is_not": "is", "is_none_of": "is_any_of", "contains_not": "contains", "starts_not": "starts", "ends_not": "ends",
    "like_not": "like", "equals_not": "equals", "between_not": "between", "yes_not": "yes", "missing": "given",
    "has_none_of": "has_any_of", "empty": "filled", "in_period_not": "in_period", "in_last_not": "in_last",
    "in_next_not": "in_next",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What is known of a person, and the name of her time zone ("" for none)."""

    facts: dict[str, Any] = field(default_factory=dict)
    zone: str = ""


def holds(known: Known, node: dict[str, Any], at: Moment) -> bool:
    """Tell whether {"field": …} is true of a person."""
    if node["operator"] in OPPOSITES:
        return not holds(known, {**node, "operator": OPPOSITES[node["operator"]]}, at)
    value = known.facts.get(node["field"])
    if node["operator"] in ("count_at_least", "count_at_most"):
        n = len(value or [])
        return n >= node["value"] if node["operator"] == "count_at_least" else n <= node["value"]
    if value is None or value in ("", []):
        return False
    zone = ZoneInfo(known.zone) if node.get("zone") == "contact" and known.zone else at.zone
    if isinstance(value, date):
        return _in_time(value, node["operator"], node.get("value"), at.now.astimezone(zone), zone)
    return bool(_PLAIN[node["operator"]](value, node.get("value")))


def _like(value: str, pattern: str) -> bool:
    escaped = re.sub(r"([\[\]])", r"[\1]", pattern.lower())
    return fnmatch.fnmatchcase(value.lower(), escaped)


def _either(value: Any, wanted: Any) -> bool:
    folded = [one.lower() if isinstance(one, str) else one for one in wanted]
    return (value.lower() if isinstance(value, str) else value) in folded


_PLAIN = {
    "is": lambda value, wanted: value.lower() == wanted.lower(),
    "is_any_of": _either,
    "contains": lambda value, wanted: wanted.lower() in value.lower(),
    "starts": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "ends": lambda value, wanted: value.lower().endswith(wanted.lower()),
    "like": _like,
    "longer": lambda value, n: len(value) > n,
    "shorter": lambda value, n: len(value) < n,
    "equals": lambda value, wanted: value == wanted,
    "less_than": lambda value, wanted: value < wanted,
    "at_most": lambda value, wanted: value <= wanted,
    "more_than": lambda value, wanted: value > wanted,
    "at_least": lambda value, wanted: value >= wanted,
    "between": lambda value, pair: pair[0] <= value <= pair[1],
    "yes": lambda value, _wanted: value,
    "no": lambda value, _wanted: not value,
    "has_any_of": lambda value, wanted: bool(set(value) & set(wanted)),
    "has_all_of": lambda value, wanted: set(value) >= set(wanted),
    "has_exactly": lambda value, wanted: set(value) == set(wanted),
    "given": lambda _value, _wanted: True,
    "filled": lambda _value, _wanted: True,
}


# --- days and times -------------------------------------------------------------------------------------------------
def _in_time(value: date, operator: str, wanted: Any, now: datetime, zone: ZoneInfo) -> bool:
    is_time = isinstance(value, datetime)
    day = value.astimezone(zone).date() if is_time else value
    if operator == "given":
        return True
    if operator.startswith("yearly"):
        return _yearly(day, operator, wanted, now.date())
    if operator in _BY_DAY:
        return _BY_DAY[operator](day, wanted, now.date())
    begins = value if is_time else datetime(day.year, day.month, day.day, tzinfo=zone)
    span = Span(wanted["n"], Unit(wanted["unit"]))
    ago, ahead = span.before(now, zone), span.after(now, zone)
    return {
        "in_last": ago <= begins < now,
        "more_than_ago": begins < ago,
        "in_next": now <= begins < ahead,
        "more_than_ahead": begins >= ahead,
    }[operator]


_BY_DAY = {
    "on": lambda day, wanted, _today: day == date.fromisoformat(wanted),
    "before": lambda day, wanted, _today: day < date.fromisoformat(wanted),
    "until": lambda day, wanted, _today: day <= date.fromisoformat(wanted),
    "after": lambda day, wanted, _today: day > date.fromisoformat(wanted),
    "from": lambda day, wanted, _today: day >= date.fromisoformat(wanted),
    "between": lambda day, days, _today: date.fromisoformat(days[0]) <= day <= date.fromisoformat(days[1]),
    "in_period": lambda day, word, today: day in _period(word, today),
    "days_ago": lambda day, n, today: day == today - timedelta(days=n),
    "days_ahead": lambda day, n, today: day == today + timedelta(days=n),
}


def _yearly(day: date, operator: str, wanted: Any, today: date) -> bool:
    if operator == "yearly_in_months":
        return day.month in wanted
    if operator == "yearly_in_period":
        days = _period(wanted, today)
    else:
        first = wanted if operator == "yearly_in_days" else 0
        days = {today + timedelta(days=n) for n in range(first, wanted + 1)}
    return any(_round(day, year) in days for year in range(today.year - 1, today.year + 3))


def _round(day: date, year: int) -> date:
    """Return the day in another year; the 28th for those born on 29 February."""
    leap = day.month == 2 and day.day == 29 and not calendar.isleap(year)
    return day.replace(year=year, day=28 if leap else day.day)


def _period(word: str, today: date) -> set[date]:
    """Return the days of a word such as "last_quarter", by looking at each of the days around."""
    shift = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if word in shift:
        return {today + timedelta(days=shift[word])}
    which, unit = word.split("_")
    number = {
        "week": lambda day: (day - date(1970, 1, 5)).days // 7,
        "month": lambda day: day.year * 12 + day.month,
        "quarter": lambda day: day.year * 4 + (day.month - 1) // 3,
        "year": lambda day: day.year,
    }[unit]
    wanted = number(today) + {"last": -1, "this": 0, "next": 1}[which]
    around = (today + timedelta(days=n) for n in range(-800, 800))
    return {day for day in around if number(day) == wanted}
