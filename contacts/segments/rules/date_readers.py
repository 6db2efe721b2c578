"""How the values of date operators are read, kept and said: days, spans, words of the calendar, months."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.dates import MONTHS as MONTH_NAMES
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.segments.errors import Wrong
from contacts.segments.rules.fields.field import Field
from contacts.segments.rules.fixed import Fixed, Time, read_time, time_in_words
from contacts.segments.rules.moving import Last, MoreThanAgo, MoreThanAhead, Moving, Next
from contacts.segments.rules.periods import CALENDAR_WORDS, Calendar, Period
from contacts.segments.rules.readers import Reader
from contacts.segments.rules.spans import Span, read_span
from contacts.segments.rules.words import either
from contacts.segments.rules.yearly import DaysAhead, InMonths, InPeriod

_FARTHEST = 36_500  # days
_YEAR = 365
_DAY = timedelta(days=1)


# --- chosen days and times ------------------------------------------------------------------------------------------
def _end(time: Time) -> Time:
    """Return where a chosen day ends; a time is its own end."""
    return time if isinstance(time, datetime) else time + _DAY


def _chosen(make: Callable[[Time], Fixed], back: Callable[[Fixed], Time | None], widget: str) -> Reader:
    def stored(fixed: Fixed) -> str:
        time = back(fixed)
        assert time is not None
        return time.isoformat()

    return Reader(
        widget,
        lambda raw, _field: make(read_time(raw)),
        stored,
        lambda fixed, _field: time_in_words(back(fixed)),
    )


def _started(fixed: Fixed) -> Time | None:
    return fixed.lo


def _day_before(time: Time | None) -> Time | None:
    return time if time is None or isinstance(time, datetime) else time - _DAY


def _read_day(raw: Any, _field: Field) -> Fixed:
    day = read_time(raw)
    if isinstance(day, datetime):
        raise Wrong(_("Choose a day, without a time."))
    return Fixed(day, day + _DAY)


def _iso(time: Time | None) -> str:
    assert time is not None
    return time.isoformat()


def _read_days(raw: Any, _field: Field) -> Fixed:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Wrong(_("Choose two days."))
    first, last = (read_time(one) for one in raw)
    if isinstance(first, datetime) or isinstance(last, datetime) or first > last:
        raise Wrong(_("Choose two days, the earlier one first."))
    return Fixed(first, last + _DAY)


def _days_in_words(fixed: Fixed, _field: Field) -> str:
    return _("%(least)s and %(most)s") % {
        "least": time_in_words(fixed.lo), "most": time_in_words(_day_before(fixed.hi)),
    }  # fmt: skip


ON_DAY = Reader("day", _read_day, lambda fixed: _iso(fixed.lo), lambda fixed, _field: time_in_words(fixed.lo))
BEFORE_DAY = _chosen(lambda time: Fixed(None, time), lambda fixed: fixed.hi, "time")
UNTIL_DAY = _chosen(lambda time: Fixed(None, _end(time)), lambda fixed: _day_before(fixed.hi), "time")
AFTER_DAY = _chosen(lambda time: Fixed(_end(time), None), lambda fixed: _day_before(fixed.lo), "time")
FROM_DAY = _chosen(lambda time: Fixed(time, None), _started, "time")
DAYS_BETWEEN = Reader("days", _read_days, lambda fixed: [_iso(fixed.lo), _iso(_day_before(fixed.hi))], _days_in_words)


# --- spans ----------------------------------------------------------------------------------------------------------
def _spanning(kind: Callable[[Span], Moving]) -> Reader:
    return Reader(
        "span",
        lambda raw, _field: kind(read_span(raw)),
        lambda moving: moving.span.stored(),
        lambda moving, _field: moving.span.words(),
    )


IN_LAST, IN_NEXT = _spanning(Last), _spanning(Next)
MORE_AGO, MORE_AHEAD = _spanning(MoreThanAgo), _spanning(MoreThanAhead)


# --- numbers of days ------------------------------------------------------------------------------------------------
def _number_of_days(raw: Any, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        message = _("Write a whole number of days from %(least)d to %(most)d.")
        raise Wrong(message % {"least": least, "most": most})
    return raw


def days_in_words(n: int) -> str:
    """Return a number of days in words."""
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


def _shifted_day(sign: int) -> Reader:
    return Reader(
        "number_of_days",
        lambda raw, _field: Period(Calendar.DAY, sign * _number_of_days(raw, 0, _FARTHEST)),
        lambda period: abs(period.shift),
        lambda period, _field: days_in_words(abs(period.shift)),
    )


def _yearly(least: Callable[[int], int]) -> Reader:
    def read(raw: Any, _field: Field) -> DaysAhead:
        most = _number_of_days(raw, 0, _YEAR)
        return DaysAhead(least(most), most)

    return Reader("number_of_days", read, lambda ahead: ahead.most, lambda ahead, _field: days_in_words(ahead.most))


DAYS_AGO, DAYS_AHEAD = _shifted_day(-1), _shifted_day(1)
YEARLY_DAYS = _yearly(lambda most: most)
YEARLY_WITHIN = _yearly(lambda _most: 0)


# --- words of the calendar ------------------------------------------------------------------------------------------
def _word(raw: Any) -> str:
    if not isinstance(raw, str) or raw not in CALENDAR_WORDS:
        raise Wrong(_("Choose one of: %(words)s.") % {"words": ", ".join(CALENDAR_WORDS)})
    return raw


def _read_yearly_period(raw: Any, _field: Field) -> InPeriod:
    return InPeriod(_word(raw), CALENDAR_WORDS[_word(raw)])


def _read_months(raw: Any, _field: Field) -> InMonths:
    if (
        not isinstance(raw, list)
        or not raw
        or any(isinstance(one, bool) or not isinstance(one, int) or one not in MONTH_NAMES for one in raw)
    ):
        raise Wrong(_("Choose at least one month, from 1 to 12."))
    return InMonths(tuple(dict.fromkeys(raw)))


PERIOD = Reader(
    "period",
    lambda raw, _field: CALENDAR_WORDS[_word(raw)],
    lambda period: period.stored()["calendar"],
    lambda period, _field: period.words(),
)
YEARLY_PERIOD = Reader("period", _read_yearly_period, lambda kept: kept.word, lambda kept, _field: kept.period.words())
MONTHS = Reader(
    "months",
    _read_months,
    lambda kept: list(kept.months),
    lambda kept, _field: either([str(MONTH_NAMES[month]) for month in kept.months]),
)
