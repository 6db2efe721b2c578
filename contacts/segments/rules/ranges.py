"""Ranges of time whose ends move with the clock, and what they say in SQL. Read by windows and by date fields.

Every end only ever moves forward. So whatever changes by time alone lies where an end passed: see `passed`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo, available_timezones

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.spans import start_of
from contacts.segments.rules.sql import TRUE, Sql, compose, joined


class Ordered(Protocol):
    """What a range can be of: times, days, numbers."""

    def __lt__(self, other: Any, /) -> bool: ...

    def __ge__(self, other: Any, /) -> bool: ...


type RangeAt[T: Ordered] = Callable[[datetime, ZoneInfo], Range[T]]


@dataclass(frozen=True)
class Range[T: Ordered]:
    """Values from `lo` to below `hi`; an end that is None is open."""

    lo: T | None = None
    hi: T | None = None

    def holds(self, value: T) -> bool:
        """Tell whether `value` lies in it."""
        return (self.lo is None or value >= self.lo) and (self.hi is None or value < self.hi)

    def mapped[U: Ordered](self, turn: Callable[[T], U]) -> "Range[U]":
        """Return the range with both ends turned into another type; `turn` must keep the order."""
        return Range(
            None if self.lo is None else turn(self.lo),
            None if self.hi is None else turn(self.hi),
        )

    def sql(self, value: Sql) -> Sql:
        """Return the condition that `value` lies in it; null where the value is."""
        parts = []
        if self.lo is not None:
            parts.append(compose("{value} >= %s", self.lo, value=value))
        if self.hi is not None:
            parts.append(compose("{value} < %s", self.hi, value=value))
        return joined(" AND ", parts) if parts else TRUE


def days(times: Range[datetime], zone: ZoneInfo) -> Range[date]:
    """Return the calendar days whose first moment in `zone` lies in the range."""

    def first(at: datetime) -> date:
        day = at.astimezone(zone).date()
        return day if start_of(day, zone) >= at else day + timedelta(days=1)

    return times.mapped(first)


def passed[T: Ordered](before: Range[T], after: Range[T]) -> tuple[Range[T], ...]:
    """Return the ranges over which an end moved: only what lies there may be in one of the two and not in the other."""
    found = []
    if before.lo is not None and after.lo is not None and before.lo < after.lo:
        found.append(Range(before.lo, after.lo))
    if before.hi is not None and after.hi is not None and before.hi < after.hi:
        found.append(Range(before.hi, after.hi))
    return tuple(found)


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def _by_range[T: Ordered](range_at: RangeAt[T], at: Moment) -> dict[Range[T], list[str]]:
    """Return the ranges in the zones in which contacts live, each with the zones that share it."""
    found: dict[Range[T], list[str]] = {}
    for name in at.zones:
        if name in _known():
            found.setdefault(range_at(at.now, ZoneInfo(name)), []).append(name)
    return found


def in_own_zone[T: Ordered](range_at: RangeAt[T], at: Moment, value: Sql) -> Sql:
    """Return the condition that `value` lies in the range of the zone of `c`; the company's where hers is not known.

    Zones that agree share a branch, and the outermost ends stand in front, so that an index on the value serves.
    """
    company = range_at(at.now, at.zone)
    groups: dict[Range[T], list[str]] = _by_range(range_at, at)
    groups.pop(company, None)
    if not groups:
        return company.sql(value)
    whens = [
        compose("WHEN c.time_zone = ANY(%s) THEN {test}", names, test=found.sql(value))
        for found, names in groups.items()
    ]
    return compose(
        "({hull} AND CASE {whens} ELSE {company} END)",
        hull=_hull([company, *groups]).sql(value),
        whens=joined(" ", whens),
        company=company.sql(value),
    )


def _hull[T: Ordered](ranges: list[Range[T]]) -> Range[T]:
    los, his = [r.lo for r in ranges], [r.hi for r in ranges]
    return Range(
        None if None in los else min(lo for lo in los if lo is not None),
        None if None in his else max(hi for hi in his if hi is not None),
    )


def passed_in_own_zone[T: Ordered](range_at: RangeAt[T], since: Moment, until: Moment, value: Sql) -> list[Sql]:
    """Return conditions over `c`: one of them holds for everybody whose `value` an end of her own range passed."""
    company = passed(range_at(since.now, since.zone), range_at(until.now, until.zone))
    groups: dict[tuple[Range[T], ...], list[str]] = {}
    for name in until.zones:
        if name in _known():
            moved = passed(range_at(since.now, ZoneInfo(name)), range_at(until.now, ZoneInfo(name)))
            groups.setdefault(moved, []).append(name)
    own = [
        compose("c.time_zone = ANY(%s) AND {test}", names, test=moved.sql(value))
        for ranges, names in groups.items()
        for moved in ranges
    ]
    return [moved.sql(value) for moved in company] + own
