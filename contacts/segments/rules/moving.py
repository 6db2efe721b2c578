"""The relative and absolute times that rules know: today, in the last 7 days, next month, before a date."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from contacts.segments.errors import Problem
from contacts.segments.rules.ranges import Range
from contacts.segments.rules.spans import Span, Unit, shifted, start_of


class Moving(Protocol):
    """A range whose ends depend on the time and the zone, and never move back."""

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""

    def words(self) -> str:
        """Return it as an adverb in the active language: in the last 30 days."""


@dataclass(frozen=True)
class Last:
    """The time from a span ago until now."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.span.before(now, zone), now)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"last": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("in the last %(span)s") % {"span": self.span.words()}


@dataclass(frozen=True)
class Next:
    """The time from now until a span ahead."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(now, self.span.after(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"next": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("in the next %(span)s") % {"span": self.span.words()}


@dataclass(frozen=True)
class Ago:
    """The time between two spans ago, the longer one first."""

    far: Span
    near: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.far.before(now, zone), self.near.before(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"ago": {"from": self.far.stored(), "to": self.near.stored()}}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("between %(far)s and %(near)s ago") % {"far": self.far.words(), "near": self.near.words()}


@dataclass(frozen=True)
class MoreThanAgo:
    """Everything before a span ago."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(None, self.span.before(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"more_than_ago": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("more than %(span)s ago") % {"span": self.span.words()}


@dataclass(frozen=True)
class MoreThanAhead:
    """Everything after a span ahead."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.span.after(now, zone), None)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"more_than_ahead": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("more than %(span)s from now") % {"span": self.span.words()}


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


type Time = date | datetime
EARLIEST, LATEST = 1900, 2200


def moment_of(time: Time, zone: ZoneInfo) -> datetime:
    """Return a time in UTC; a day is its first moment in `zone`, and a time without a zone is one of `zone`."""
    if not isinstance(time, datetime):
        return start_of(time, zone)
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


@dataclass(frozen=True)
class Fixed:
    """The time from `lo` to before `hi`; one of them may be None."""

    lo: Time | None
    hi: Time | None

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:  # noqa: ARG002 - does not move
        """Return the range, the same at any time."""
        return Range(
            None if self.lo is None else moment_of(self.lo, zone), None if self.hi is None else moment_of(self.hi, zone)
        )

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        if self.lo is not None and self.hi is not None:
            return {"between": [self.lo.isoformat(), self.hi.isoformat()]}
        return (
            {"after": self.lo.isoformat()} if self.lo is not None else {"before": str(self.hi and self.hi.isoformat())}
        )

    def words(self) -> str:
        """Return it as an adverb."""
        if self.lo is None:
            return _("before %(hi)s") % {"hi": time_in_words(self.hi)}
        if self.hi is None:
            return _("since %(lo)s") % {"lo": time_in_words(self.lo)}
        return _("from %(lo)s until before %(hi)s") % {"lo": time_in_words(self.lo), "hi": time_in_words(self.hi)}


def time_in_words(time: Time | None) -> str:
    """Return a day, or a day and time, as the reader writes it."""
    if time is None:
        return ""
    day = formats.date_format(time, "DATE_FORMAT")
    return f"{day} {time:%H:%M}" if isinstance(time, datetime) else day


def parse_time(raw: Any, path: tuple[str | int, ...], problems: list[Problem]) -> Time | None:
    """Return the time that stands at `path` in ISO 8601, or None with the reason added to `problems`."""
    time = _read(raw) if isinstance(raw, str) else None
    if time is None or not EARLIEST <= time.year <= LATEST:
        problems.append(Problem(path, _("“%(value)s” is no date such as 2026-11-21.") % {"value": str(raw)[:40]}))
        return None
    return time


def _read(raw: str) -> Time | None:
    try:
        return date.fromisoformat(raw) if len(raw) == len("2026-11-21") else datetime.fromisoformat(raw)
    except ValueError:
        return None
