"""Spans of time, such as 7 days or 3 months, and their arithmetic. Read by windows, sequences and date fields."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.segments.errors import Wrong

LONGEST_DAYS = 36_525  # a hundred years


class Unit(StrEnum):
    """The units of a span. Minutes to weeks have a fixed length; months and years are those of the calendar."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


_FIXED = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
}
_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_LONGEST = {
    unit: LONGEST_DAYS * timedelta(days=1) // length for unit, length in _FIXED.items()
} | {Unit.MONTHS: 1200, Unit.YEARS: 100}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A length of time, such as 7 days."""

    n: int
    unit: Unit

    @property
    def length(self) -> timedelta | None:
        """The length where it is the same at any time; None for months and years."""
        fixed = _FIXED.get(self.unit)
        return fixed and fixed * self.n

    def before(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the time so long before `at`, in UTC."""
        return self._moved(at, zone, -self.n)

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the time so long after `at`, in UTC."""
        return self._moved(at, zone, self.n)

    def _moved(self, at: datetime, zone: ZoneInfo, n: int) -> datetime:
        fixed = _FIXED.get(self.unit)
        if fixed is not None:
            return at.astimezone(UTC) + fixed * n
        return _months_on(at, _MONTHS[self.unit] * n, zone)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal span."""
        return {"n": self.n, "unit": self.unit.value}

    def words(self) -> str:
        """Return it in words: 7 days."""
        return _length(self.unit, self.n) % {"n": self.n}


def _length(unit: Unit, n: int) -> str:
    return {
        Unit.MINUTES: ngettext("%(n)d minute", "%(n)d minutes", n),
        Unit.HOURS: ngettext("%(n)d hour", "%(n)d hours", n),
        Unit.DAYS: ngettext("%(n)d day", "%(n)d days", n),
        Unit.WEEKS: ngettext("%(n)d week", "%(n)d weeks", n),
        Unit.MONTHS: ngettext("%(n)d month", "%(n)d months", n),
        Unit.YEARS: ngettext("%(n)d year", "%(n)d years", n),
    }[unit]


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day in `zone`, in UTC; where midnight is skipped, the moment of the skip."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _months_on(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the same time of day so many months on.

    A day that the month lacks becomes the end of its last day, and no day is left over its end (a day may have 25
    hours): so a later `at` never gives an earlier time.
    """
    day = at.astimezone(zone).date()
    target, clamped = shifted(day, months)
    start, end = start_of(target, zone), start_of(target + timedelta(days=1), zone) - timedelta(microseconds=1)
    return end if clamped else min(start + (at - start_of(day, zone)), end)


def shifted(day: date, months: int) -> tuple[date, bool]:
    """Return the day so many months on, and whether it is clamped: 31 January + 1 is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last), last < day.day
        except ValueError:
            continue
    raise ValueError(f"{day} and {months} months")


def read_span(raw: Any) -> Span:
    """Return the span of stored JSON. Raises Wrong."""
    if not isinstance(raw, dict) or set(raw) != {"n", "unit"} or raw["unit"] not in list(Unit):
        raise Wrong(_("A length of time has a number “n” and a “unit”, such as 7 and “days”."))
    n, unit = raw["n"], Unit(raw["unit"])
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= _LONGEST[unit]:
        text = _("A length of time is a whole number from 1 to %(most)d %(unit)s.")
        raise Wrong(text % {"most": _LONGEST[unit], "unit": unit.value}, "n")
    return Span(n, unit)
