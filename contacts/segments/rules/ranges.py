"""Ranges of time whose ends move with the clock, and what they say in SQL. Read by windows and by date fields.

Every end only ever moves forward. So whatever changes by time alone lies where an end passed: see `passed`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from contacts.segments.rules.spans import start_of
from contacts.segments.rules.sql import TRUE, Sql, compose, joined


class Ordered(Protocol):
    """What a range can be of: times, days, numbers."""

    def __lt__(self, other: Any, /) -> bool: ...

    def __ge__(self, other: Any, /) -> bool: ...


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
