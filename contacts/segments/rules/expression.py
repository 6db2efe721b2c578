"""A value in SQL, as an operator sees it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from contacts.segments.rules.sql import FALSE, Sql, compose, joined

_MOST_BY_INDEX = 20


@dataclass(frozen=True)
class Expression:
    """SQL of a value, null where there is none.

    `holds` tests one value in a way that an index serves, if there is. `inside` tests that an array has nothing but
    some values.
    """

    sql: Sql
    holds: Callable[[Any], Sql] | None = None
    several: bool = False  # an array, of which only `holds` and `inside` can ask
    inside: Callable[[Collection[Any]], Sql] | None = None

    def among(self, values: Collection[Any]) -> Sql:
        """Return the condition that the value is one of `values`, or, for many entries, has one of them."""
        if self.holds and (self.several or len(values) <= _MOST_BY_INDEX):
            return compose("({any})", any=joined(" OR ", map(self.holds, values))) if values else FALSE
        return compose("{x} = ANY(%s)", list(values), x=self.sql)

    def beyond(self, values: Collection[Any]) -> Sql:
        """Return the condition that the value is none of `values`, or, for many entries, has one more than these."""
        return compose("NOT {known}", known=self.inside(values) if self.inside else self.among(values))


type Test = Callable[[Expression], Sql]
