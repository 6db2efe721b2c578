"""One row of the table of operators."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.field import Label
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.readers import Reader
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type

type Resolve = Callable[[Any, Moment, ZoneInfo], Any]


@dataclass(frozen=True)
class Operator:
    """A question about a value.

    A positive operator has a `test` over the value (null counts as false). A negative one names in `negates` what it
    is the opposite of, has no test of its own, and is true where the value is missing; its `label` says so.
    `pattern` is the whole sentence with %(field)s and %(value)s.
    `each`: asked once for every value, and all must hold; `only`: and there is no other. `counts`: asked of the number
    of rows or entries.
    `resolve` turns what was written into what is compared at a moment in a zone; `moved` is then the test of values
    whose answer differs between two such results.
    """

    key: str
    types: tuple[Type, ...]
    label: Label
    pattern: Label
    reader: Reader
    test: Callable[[Expression, Any], Sql] | None = None
    negates: str = ""
    each: bool = False
    only: bool = False
    counts: bool = False
    whole: bool = False  # compares whole texts, which may have been written in another way when they were saved
    resolve: Resolve | None = None
    moved: Callable[[Expression, Any, Any], Sql] | None = None
    slow: Label = ""  # why it takes long over everybody, if it does
    zoned: bool = False  # the answer depends on the time zone in which "today" is meant

    def __post_init__(self) -> None:
        if bool(self.test) == bool(self.negates):
            raise ValueError(f'operator "{self.key}" has either a test or an opposite')
        if self.resolve and not self.moved:
            raise ValueError(f'operator "{self.key}" changes with time and does not say for whom')
