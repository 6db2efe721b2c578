"""What state rows know exactly, so that no event need be read: ever, since a time, before a time.

contact_state has n, total, first, last and the last five times per person and kind; subject_state the same per subject
without those times; contact_seen the last time a person did anything. All without what was taken back.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contacts.ledger.kinds import BySubject, kind_of
from contacts.segments.rules.amounts import NEVER, ONCE, Amount, By
from contacts.segments.rules.deeds import ANY
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.occurrence import Occurrence
from contacts.segments.rules.sql import TRUE, Sql, compose, joined, negated
from contacts.segments.rules.tree import Form
from contacts.segments.rules.windows import EVER, NOTHING, AfterCreation, SinceEvent, SinceStage, Window, Within

_TIMES_KEPT = 5
# Over everybody, the events of so short a window are fewer than the state rows of their kind.
_SHORT = timedelta(days=3)
ANYTIME = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
_FIRST = "SELECT s.contact_id, s.first_at FROM {table} s WHERE {hers}{where}"
_FIRST_OF_SEVERAL = """
SELECT s.contact_id, min(s.first_at) AS first_at FROM {table} s WHERE {hers}{where} GROUP BY s.contact_id
"""
_SUMMARY = """(
SELECT jsonb_build_object('n', sum(s.n), 'last', max(s.last_at)) FROM {table} s
WHERE s.contact_id = c.id AND {where} HAVING count(*) > 0
)"""


@dataclass(frozen=True)
class _Rows:
    """State rows `s` of a person. `times`: columns of the last time, the one before, and so on. `first`: the first."""

    table: str
    where: Sql
    times: tuple[str, ...]
    first: str = ""
    n: str = ""
    total: str = ""
    grouped: bool = False  # n and total are over several rows

    def some(self, test: Sql, form: Form, *, join: Sql = NOTHING, having: bool = False) -> Sql:
        """Return the condition that a row passes the test (or, `having`, that all of them together do)."""
        rows = f"FROM {self.table} s {{join}} WHERE {{hers}}{{where}}"
        rows += " GROUP BY s.contact_id HAVING {test}" if having else " AND {test}"
        hers = Sql("s.contact_id = c.id AND ") if form is Form.SCALAR else NOTHING
        one = f"coalesce((SELECT true {rows} LIMIT 1), false)"
        template = one if form is Form.SCALAR else f"c.id IN (SELECT s.contact_id {rows})"
        return compose(template, join=join, hers=hers, where=self.where, test=test)


def known(what: Occurrence, amount: Amount, window: Window, form: Form, at: Moment) -> Sql | None:
    """Return the condition from state rows; None where they do not have the answer."""
    rows = _rows(what)
    if rows is None or at.past:
        return None
    if window == EVER:
        return _ever(rows, amount, form)
    if form is Form.SET and rows.table == "contact_state" and _is_short(window, at):
        return None
    if amount.ends is not None:
        return _in_window(rows, amount.ends, window, form, at)
    return None


def first_times(what: Occurrence, form: Form, at: Moment) -> Sql | None:
    """Return a SELECT of contact_id and first_at over all time; None where state rows do not have it."""
    rows = _rows(what)
    if rows is None or not rows.first or at.past:
        return None
    hers = Sql("s.contact_id = c.id AND ") if form is Form.SCALAR else NOTHING
    statement = _FIRST_OF_SEVERAL if rows.grouped else _FIRST
    return compose(statement, table=Sql(rows.table), hers=hers, where=rows.where)


def summary(what: Occurrence) -> Sql | None:
    """Return a jsonb expression of how often and when last, over all time; None where state rows do not have it."""
    rows = _rows(what)
    return compose(_SUMMARY, table=Sql(rows.table), where=rows.where) if rows and rows.first else None


def is_known(what: Occurrence, amount: Amount, window: Window) -> bool:
    """Tell whether state rows have the answer at any moment."""
    return known(what, amount, window, Form.SCALAR, ANYTIME) is not None


def _rows(what: Occurrence) -> _Rows | None:
    if what.is_plain and what.kind == ANY:
        return _Rows("contact_seen", TRUE, ("s.last_seen_at",))
    if what.is_plain:
        times = ("s.last_at", *(f"s.last_times[{place}]" for place in range(2, _TIMES_KEPT + 1)))
        where = Sql("s.kind_id = %s", tuple(what.numbers()))
        return _Rows("contact_state", where, times, "s.first_at", "s.n", "s.total")
    if what.about is None or what.where or kind_of(what.kind).by_subject is not BySubject.PEOPLE:
        return None
    subjects = what.about.numbers(what.kind)
    if subjects is None:
        return None
    where = Sql("s.kind_id = %s AND s.subject_id = ANY(%s)", (*what.numbers(), subjects))
    return _Rows("subject_state", where, ("s.last_at",), "s.first_at", "sum(s.n)", "sum(s.total)", grouped=True)


def _ever(rows: _Rows, amount: Amount, form: Form) -> Sql | None:
    if amount == ONCE:
        return rows.some(TRUE, form)
    if amount == NEVER:
        return negated(rows.some(TRUE, form))
    column = rows.n if amount.by is By.COUNT else rows.total if (amount.by, amount.of) == (By.SUM, "value") else ""
    if not column:
        return None
    test = amount.holds(Sql(column))
    if amount.includes_never:
        return negated(rows.some(negated(test), form, having=rows.grouped))
    return rows.some(test, form, having=rows.grouped)


def _is_short(window: Window, at: Moment) -> bool:
    lo = window.range(at).lo
    return lo is not None and at.now - lo < _SHORT


def _in_window(rows: _Rows, ends: tuple[int, int | None], window: Window, form: Form, at: Moment) -> Sql | None:
    """Return the condition for a count in a window that is open at one end; None for others."""
    least, most = ends
    range_ = window.range(at)
    if isinstance(window, SinceStage | SinceEvent) or (isinstance(window, Within) and range_.hi is None):
        columns = rows.times
    elif rows.first and (isinstance(window, AfterCreation) or range_.lo is None):
        columns = (rows.first,)
    else:
        return None
    if max(least, 0 if most is None else most + 1) > len(columns):
        return None

    def reached(n: int) -> Sql:
        return compose("coalesce({test}, false)", test=window.test(Sql(columns[n - 1]), at))

    join = window.join(Sql("s.contact_id"))
    if most is None:
        return rows.some(reached(least), form, join=join) if least else TRUE
    passed = rows.some(reached(most + 1), form, join=join)
    if not least:
        return negated(passed)
    return rows.some(joined(" AND ", [reached(least), negated(reached(most + 1))]), form, join=join)
