"""The time zones in which people live, put together where they mean the same at a moment. Used by leaves with days."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import TRUE, Sql

type Resolve = Callable[[Moment, ZoneInfo], Any]


def groups_of_zones(moments: Sequence[Moment], resolve: Resolve, *, own: bool) -> Iterator[tuple[Sql, tuple[Any, ...]]]:
    """Yield (condition over `c`, what `resolve` gives at each moment) for each group of people with equal results.

    Without `own` everybody is in the company's zone. People without a zone, or with one that nobody knows, are too.
    """
    company = moments[-1].zone
    ours = tuple(resolve(at, company) for at in moments)
    groups: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for name in _known(moments[-1].zones) if own else ():
        found = tuple(resolve(at, ZoneInfo(name)) for at in moments)
        if found != ours:
            groups[found].append(name)
    others = [name for names in groups.values() for name in names]
    yield (Sql("NOT (c.time_zone = ANY(%s))", (others,)) if others else TRUE), ours
    for meant, names in groups.items():
        yield Sql("c.time_zone = ANY(%s)", (names,)), meant


@cache
def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the names that are time zones; an import may have written anything."""
    return tuple(name for name in names if name in available_timezones())
