"""What must have happened: a kind of event, on a subject, with conditions on its properties; as SQL over events `e`.

Events that a later verdict took back (hit.reclassified) do not count. Shapes were measured: see docs/segments.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from contacts.ledger.comparisons import BadCondition
from contacts.ledger.conditions import Condition
from contacts.ledger.conditions import parse as parse_conditions
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers.classifier.follower import TAKEN_BACK
from contacts.segments.errors import Wrong
from contacts.segments.rules.deeds import ANY, deed, keys_of, read_kind
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.ranges import Range
from contacts.segments.rules.sql import TRUE, Sql, compose, joined
from contacts.segments.rules.subjects import About, read_about
from contacts.segments.rules.tree import Form
from contacts.segments.rules.windows import Window
from contacts.segments.rules.words import filled

ALL_READ = gettext_lazy("Every such activity of all time is read; a window such as the last 90 days makes it quick.")
_CAUSE = "SELECT r.cause FROM event r WHERE r.kind_id = %s AND {times} AND r.cause IS NOT NULL"
_TAKEN_BACK = "r.kind_id = %s AND r.contact_id = e.contact_id AND r.occurred_at = e.occurred_at AND r.cause = e.id"


@dataclass(frozen=True)
class Occurrence:
    """A kind of event (or deeds.ANY), narrowed."""

    kind: str
    about: About | None = None
    where: tuple[Condition, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Tell whether every event of the kind is meant."""
        return self.about is None and not self.where

    def numbers(self) -> list[int]:
        """Return the numbers of the kinds that are meant."""
        return sorted(kind_ids(keys_of(self.kind)).values())

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ."""
        meant = frozenset(keys_of(self.kind))
        return meant | {"hit.reclassified"} if meant & TAKEN_BACK else meant

    def happened(self, form: Form, window: Window, at: Moment) -> Sql:
        """Return "FROM event e …" for the events that count in the window; in scalar form those of `c` alone."""
        times = window.range(at)
        hers = Sql("e.contact_id = c.id AND ") if form is Form.SCALAR else Sql("")
        return compose(
            "FROM event e {join} WHERE {hers}{test}",
            join=window.join(Sql("e.contact_id")),
            hers=hers,
            test=joined(
                " AND ",
                [self.test(), window.test(Sql("e.occurred_at"), at), _until(at), self.counting(form, times)],
            ),
        )

    def rows(self, form: Form, times: Range[datetime], at: Moment) -> Sql:
        """Return a SELECT of contact_id and occurred_at of the events that count; in scalar form those of `c` alone."""
        hers = Sql("e.contact_id = c.id AND ") if form is Form.SCALAR else Sql("")
        tests = [self.test(), times.sql(Sql("e.occurred_at")), _until(at), self.counting(form, times)]
        return compose(
            "SELECT e.contact_id, e.occurred_at FROM event e WHERE {hers}{test}", hers=hers, test=joined(" AND ", tests)
        )

    def test(self) -> Sql:
        """Return the condition over `e`, whatever its time."""
        conditions = [compose("({condition})", condition=Sql(*_sql(one))) for one in self.where]
        about = [self.about.test(self.kind)] if self.about else []
        return joined(" AND ", [self._of_kind(), *about, *conditions])

    def _of_kind(self) -> Sql:
        numbers = self.numbers()
        return Sql("e.kind_id = %s", (numbers[0],)) if len(numbers) == 1 else Sql("e.kind_id = ANY(%s)", (numbers,))

    def counting(self, form: Form, times: Range[datetime]) -> Sql:
        """Return the condition that `e` was not taken back: over everybody a hashed set, for one person a look-up."""
        if not TAKEN_BACK & set(keys_of(self.kind)):
            return TRUE
        number = kind_ids(["hit.reclassified"])["hit.reclassified"]
        if form is Form.SCALAR:
            return Sql(f"NOT EXISTS (SELECT FROM event r WHERE {_TAKEN_BACK})", (number,))
        cause = compose(_CAUSE, number, times=times.sql(Sql("r.occurred_at")))
        return compose("e.id NOT IN ({cause})", cause=cause)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal value."""
        on = {"on": self.about.stored()} if self.about else {}
        where = {"where": [one.stored() for one in self.where]} if self.where else {}
        return on | where

    def said(self) -> str:
        """Return it as a part of a sentence: opened a mail (campaign “Spring”)."""
        words = [self.about.words()] if self.about else []
        words += [str(condition) for condition in self.where]
        if not words:
            return deed(self.kind)
        return filled("%(deed)s (%(which)s)", deed=deed(self.kind), which=", ".join(words))


def _until(at: Moment) -> Sql:
    return Sql("e.occurred_at <= %s", (at.now,)) if at.past else TRUE


def _sql(condition: Condition) -> tuple[str, tuple[Any, ...]]:
    text, params = condition.sql()
    return text, tuple(params)


def read_occurrence(raw: Mapping[str, Any], key: str = "did") -> Occurrence:
    """Return what stands under "did" (or `key`), "on" and "where". Raises Wrong."""
    kind = ANY if raw[key] == ANY else part(lambda: read_kind(raw[key]), key)
    about = part(lambda: read_about(raw.get("on"), kind), "on")
    try:
        where = parse_conditions(raw.get("where", []))
    except BadCondition as error:
        raise Wrong(str(error), "where") from error
    return Occurrence(kind, about, where)


def part[T](read: Callable[[], T], key: str) -> T:
    """Return read(); a fault is told with `key` before its place."""
    try:
        return read()
    except Wrong as error:
        raise Wrong(str(error), key, *error.path, gone=error.gone) from error
