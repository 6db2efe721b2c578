"""Days that come round every year, such as birthdays. Who was born on 29 February counts on the 28th in other years."""

from calendar import isleap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from contacts.segments.rules.periods import Period
from contacts.segments.rules.ranges import days

_UTC = ZoneInfo("UTC")


class Yearly(Protocol):
    """A set of days of any year that depends on today."""

    def days(self, today: date) -> frozenset[int]:
        """Return month and day as numbers: 1121 for 21 November."""


def month_days(first: date, last: date) -> frozenset[int]:
    """Return the days from `first` to `last`, both included, as numbers; at most a year of them."""
    count = min((last - first).days + 1, 366)
    found: set[int] = set()
    for shift in range(count):
        day = first + timedelta(days=shift)
        found.add(day.month * 100 + day.day)
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            found.add(229)
    return frozenset(found)


@dataclass(frozen=True)
class DaysAhead:
    """From `least` to `most` days after today."""

    least: int
    most: int

    def days(self, today: date) -> frozenset[int]:
        """Return month and day as numbers."""
        return month_days(today + timedelta(days=self.least), today + timedelta(days=self.most))


@dataclass(frozen=True)
class InPeriod:
    """In a period of the calendar: today, next month."""

    word: str
    period: Period

    def days(self, today: date) -> frozenset[int]:
        """Return month and day as numbers."""
        noon = datetime.combine(today, time(12), UTC)
        period = days(self.period.range(noon, _UTC), _UTC)
        assert period.lo is not None
        assert period.hi is not None
        return month_days(period.lo, period.hi - timedelta(days=1))


@dataclass(frozen=True)
class InMonths:
    """In certain months, whatever today is."""

    months: tuple[int, ...]

    def days(self, today: date) -> frozenset[int]:  # noqa: ARG002 - does not move
        """Return month and day as numbers."""
        return frozenset(month * 100 + day for month in self.months for day in range(1, 32))
