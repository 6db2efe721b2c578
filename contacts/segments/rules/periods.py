"""Days, weeks, months, quarters and years of the calendar, relative to now: today, last month, three days from now."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.segments.rules.ranges import Range
from contacts.segments.rules.spans import Span, Unit, shifted, start_of


class Calendar(StrEnum):
    """The units of the calendar; weeks start on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_SPANS = {
    Calendar.DAY: (1, Unit.DAYS),
    Calendar.WEEK: (1, Unit.WEEKS),
    Calendar.MONTH: (1, Unit.MONTHS),
    Calendar.QUARTER: (3, Unit.MONTHS),
    Calendar.YEAR: (1, Unit.YEARS),
}


def _first_day(unit: Calendar, today: date, shift: int) -> date:
    """Return the first day of the unit that lies `shift` units after the one of `today`."""
    match unit:
        case Calendar.DAY:
            return today + timedelta(days=shift)
        case Calendar.WEEK:
            return today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        case Calendar.MONTH:
            return shifted(today.replace(day=1), shift)[0]
        case Calendar.QUARTER:
            return shifted(today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), 3 * shift)[0]
        case Calendar.YEAR:
            return date(today.year + shift, 1, 1)


@dataclass(frozen=True)
class Period:
    """A day, week, month, quarter or year of the calendar, so many after (before, if negative) the present one."""

    unit: Calendar
    shift: int = 0

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        today = now.astimezone(zone).date()
        ends = (_first_day(self.unit, today, self.shift + more) for more in (0, 1))
        return Range(*(start_of(day, zone) for day in ends))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        named = {period: word for word, period in CALENDAR_WORDS.items()}
        if self in named:
            return {"calendar": named[self]}
        return {"period": {"unit": self.unit.value, "shift": self.shift}}

    def words(self) -> str:
        """Return it as an adverb."""
        if self in _words():
            return _words()[self]
        n, unit = _SPANS[self.unit]
        return (_("%(span)s ago") if self.shift < 0 else _("%(span)s from now")) % {
            "span": Span(abs(self.shift) * n, unit).words()
        }


CALENDAR_WORDS = {
    "today": Period(Calendar.DAY),
    "yesterday": Period(Calendar.DAY, -1),
    "tomorrow": Period(Calendar.DAY, 1),
    **{
        f"{word}_{unit.value}": Period(unit, shift)
        for unit in (Calendar.WEEK, Calendar.MONTH, Calendar.QUARTER, Calendar.YEAR)
        for word, shift in (("this", 0), ("last", -1), ("next", 1))
    },
}


def _words() -> dict[Period, str]:
    return {
        Period(Calendar.DAY): _("today"),
        Period(Calendar.DAY, -1): _("yesterday"),
        Period(Calendar.DAY, 1): _("tomorrow"),
        Period(Calendar.WEEK): _("this week"),
        Period(Calendar.WEEK, -1): _("last week"),
        Period(Calendar.WEEK, 1): _("next week"),
        Period(Calendar.MONTH): _("this month"),
        Period(Calendar.MONTH, -1): _("last month"),
        Period(Calendar.MONTH, 1): _("next month"),
        Period(Calendar.QUARTER): _("this quarter"),
        Period(Calendar.QUARTER, -1): _("last quarter"),
        Period(Calendar.QUARTER, 1): _("next quarter"),
        Period(Calendar.YEAR): _("this year"),
        Period(Calendar.YEAR, -1): _("last year"),
        Period(Calendar.YEAR, 1): _("next year"),
    }
