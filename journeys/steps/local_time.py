"""Times as people live them: SQL over a row `b` of a batch and its contact `c`, for steps that wait.

Days, weeks and months are those of the person's calendar (her time zone, else the company's), so that nine o'clock
stays nine o'clock when the clocks are changed. A time that is skipped that night is its successor; of one that comes
twice it is the second.
"""

from collections.abc import Sequence
from datetime import time
from functools import cache
from zoneinfo import available_timezones

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.spans import Span, Unit
from contacts.segments.rules.sql import Sql, compose

_INTERVALS = {
    Unit.MINUTES: "make_interval(mins => %s)",
    Unit.HOURS: "make_interval(hours => %s)",
    Unit.DAYS: "make_interval(days => %s)",
    Unit.WEEKS: "make_interval(weeks => %s)",
    Unit.MONTHS: "make_interval(months => %s)",
    Unit.YEARS: "make_interval(years => %s)",
}
_OF_THE_CLOCK = (Unit.MINUTES, Unit.HOURS)
_WEEK = 7


def zone_of(at: Moment) -> Sql:
    """Return the name of the time zone in which `c` lives; the company's where none, or none that exists, is known."""
    known = existing(at.zones)
    if not known:
        return Sql("%s::text", (at.zone.key,))
    return Sql("CASE WHEN c.time_zone = ANY(%s) THEN c.time_zone ELSE %s END", (known, at.zone.key))


@cache
def existing(names: tuple[str, ...]) -> list[str]:
    """Return those of the names that are time zones; an import may have written anything."""
    return [name for name in names if name in available_timezones()]


def later(since: Sql, span: Span, at: Moment) -> Sql:
    """Return the time so long after `since` (a timestamptz)."""
    interval = Sql(_INTERVALS[span.unit], (span.n,))
    if span.unit in _OF_THE_CLOCK:
        return compose("({since} + {interval})", since=since, interval=interval)
    local = compose("({since} AT TIME ZONE {zone} + {interval})", since=since, zone=zone_of(at), interval=interval)
    return compose("greatest({since}, {moment})", since=since, moment=moment_of(local, at))


def moment_of(local: Sql, at: Moment) -> Sql:
    """Return the moment (timestamptz) of a local time (timestamp) of `c`."""
    return compose("(({local}) AT TIME ZONE {zone})", local=local, zone=zone_of(at))


def next_time(since: Sql, clock: time, weekdays: Sequence[int], at: Moment) -> Sql:
    """Return the first moment from `since` on at which her clock shows `clock` on one of the weekdays (1 is Monday).

    No weekdays: any day.
    """
    chosen = frozenset(weekdays) or frozenset(range(1, _WEEK + 1))
    ahead = [min((day - today) % _WEEK for day in chosen) for today in range(1, _WEEK + 1)]
    local = compose("({since} AT TIME ZONE {zone})", since=since, zone=zone_of(at))
    day = compose("({local}::date + ({local}::time > %s)::int)", clock, local=local)
    shift = compose("(%s::int[])[extract(isodow FROM {day})::int]", ahead, day=day)
    found = compose("{day} + {shift} + %s::time", clock, day=day, shift=shift)
    return compose("greatest({since}, {moment})", since=since, moment=moment_of(found, at))
