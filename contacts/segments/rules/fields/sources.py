"""How SQL gets at the value of a field: where it lies, how a test is placed there. All SQL is over the alias `c`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import TRUE, Sql, compose, negated
from contacts.segments.rules.tree import Form


class Source(Protocol):
    """Where a value lies."""

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:
        """Return the condition that the test holds for the value: true or false, never null."""

    def scaled(self, value: Any, at: Moment) -> Any:
        """Return what a user's value is in the measure of the stored one at that moment."""

    def decided(self, at: Moment) -> Sql:
        """Return a scalar jsonb expression: the value, or all of them; null when there is none."""

    def crossed(self, since: Moment, until: Moment) -> Sql | None:
        """Return the condition for those whose value itself time changes in (since, until], such as an age."""


class Countable(Source, Protocol):
    """Where several values may lie."""

    def counted(self) -> Source:
        """Return the number of values as a source of its own; 0 where there is none."""


@runtime_checkable
class Flipping(Protocol):
    """A source that finds those over whose value an end of a range passed more quickly than by `placed`."""

    def flips(self, test: Test, at: Moment) -> Sql:
        """Return a condition that holds for at least those."""


@runtime_checkable
class Listed(Protocol):
    """A source whose values can be listed."""

    def rows(self) -> Sql:
        """Return what to read FROM, with `c` in it."""

    def each(self, entries: bool) -> Sql:
        """Return a SELECT of the values of one row; `entries`: those of its jsonb array."""


class _Unscaled:
    """Most values are compared as they are."""

    def scaled(self, value: Any, at: Moment) -> Any:  # noqa: ARG002 - the protocol's signature
        """Return the value itself."""
        return value

    def crossed(self, since: Moment, until: Moment) -> Sql | None:  # noqa: ARG002
        """Return nothing: the value changes by events alone."""
        return None


@dataclass(frozen=True)
class Own(_Unscaled):
    """A column of the contact, or an expression over it."""

    x: Expression
    shown: Sql | None = None  # jsonb, where to_jsonb(x) will not do

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:  # noqa: ARG002
        """Return the test, false where the value is missing. No index would be seen inside a coalesce."""
        return compose("({test} AND {x} IS NOT NULL)", test=test(self.x), x=self.x.sql)

    def rows(self) -> Sql:
        """Return the contacts."""
        return Sql("contacts_contact c")

    def each(self, entries: bool) -> Sql:
        """Return a SELECT of the value, or of its entries."""
        return _each(self.x, entries)

    def decided(self, at: Moment) -> Sql:  # noqa: ARG002
        """Return the value as jsonb."""
        return self.shown or compose("to_jsonb({x})", x=self.x.sql)


def column(name: str) -> Own:
    """Return the source of a column that is null when it is empty."""
    return Own(Expression(Sql(f"c.{name}")))


def text(name: str) -> Own:
    """Return the source of a text column, where the empty text is none."""
    return Own(Expression(Sql(f"nullif(c.{name}, '')")))


@dataclass(frozen=True)
class Rows(_Unscaled):
    """Rows `t` of another table with `link` = `key`: one row, or many of which one has to pass.

    `absent` is the value of people without a row, such as 0 points; only for tables with one row a person.
    """

    table: str
    x: Expression
    where: Sql = TRUE
    link: str = "c.id"
    key: str = "t.contact_id"
    absent: Sql | None = None

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:  # noqa: ARG002
        """Return the test over the rows."""
        met = self._some(test(self.x), form)
        if self.absent is None:
            return met
        return with_absent(met, test, self.x, self.absent, lambda unmet: self._some(unmet, form))

    def _some(self, test: Sql, form: Form) -> Sql:
        if form is Form.SCALAR:
            one = "SELECT true FROM {table} t WHERE {key} = {link} AND {where} AND {test} LIMIT 1"
            return compose(f"coalesce(({self._named(one)}), false)", where=self.where, test=test)
        some = self._named("{link} IN (SELECT {key} FROM {table} t WHERE {where} AND {test})")
        known = "" if self.link == "c.id" else f"{self.link} IS NOT NULL AND "
        return compose(f"({known}{some})", where=self.where, test=test)

    def _named(self, template: str) -> str:
        return template.replace("{table}", self.table).replace("{key}", self.key).replace("{link}", self.link)

    def decided(self, at: Moment) -> Sql:  # noqa: ARG002
        """Return the value as jsonb; several as an array."""
        one = "SELECT CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN min(x::text)::jsonb ELSE jsonb_agg(x) END"
        rows = self._named("SELECT to_jsonb({x}) x FROM {table} t WHERE {key} = {link} AND {where} LIMIT 100")
        rows = rows.replace("{x}", "{value}")
        return compose(f"({one} FROM ({rows}) AS found)", value=self.x.sql, where=self.where)

    def rows(self) -> Sql:
        """Return the contacts with their rows."""
        joined_rows = self._named("contacts_contact c JOIN {table} t ON {key} = {link} AND ")
        return compose(f"{joined_rows}{{where}}", where=self.where)

    def each(self, entries: bool) -> Sql:
        """Return a SELECT of the value, or of its entries."""
        return _each(self.x, entries)

    def counted(self) -> Source:
        """Return the number of rows as a source of its own."""
        return Totals(self.table, Expression(Sql("count(*)")), self.where, self.link, self.key, absent=Sql("0"))


def _each(x: Expression, entries: bool) -> Sql:
    return compose("SELECT jsonb_array_elements_text({x})" if entries else "SELECT {x}", x=x.sql)


def with_absent(met: Sql, test: Test, x: Expression, absent: Sql, some: Callable[[Sql], Sql]) -> Sql:
    """Return the condition `met`, widened to those without a row when their value `absent` passes the test.

    The test on a constant is folded by the planner, so that only one branch is executed.
    """
    passes = compose("coalesce({test}, false)", test=test(Expression(absent)))
    unmet = some(compose("NOT coalesce({test}, false)", test=test(x)))
    return compose("(CASE WHEN {passes} THEN {rest} ELSE {met} END)", passes=passes, rest=negated(unmet), met=met)


@dataclass(frozen=True)
class Totals(_Unscaled):
    """One value over all rows `t` of a person, such as their sum; without rows it is `absent` (None: missing)."""

    table: str
    x: Expression
    where: Sql = TRUE
    link: str = "c.id"
    key: str = "t.contact_id"
    absent: Sql | None = None
    of: Expression | None = None  # whose least or greatest the total is: with its index, who may flip is found quickly

    def flips(self, test: Test, at: Moment) -> Sql:
        """Return the condition for those of whom one row passes."""
        if self.of is None:
            return self.placed(test, Form.SET, at)
        return Rows(self.table, self.of, self.where, self.link, self.key).placed(test, Form.SET, at)

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:  # noqa: ARG002
        """Return the test over the total."""
        met = self._having(test(self.x), form)
        if self.absent is None:
            return met
        return with_absent(met, test, self.x, self.absent, lambda unmet: self._having(unmet, form))

    def _having(self, test: Sql, form: Form) -> Sql:
        rows = f"FROM {self.table} t WHERE {{where}}"
        if form is Form.SCALAR:
            one = f"SELECT true {rows} AND {self.key} = {self.link} GROUP BY {self.key} HAVING {{test}}"
            return compose(f"coalesce(({one}), false)", where=self.where, test=test)
        known = "" if self.link == "c.id" else f"{self.link} IS NOT NULL AND "
        some = f"SELECT {self.key} {rows} GROUP BY {self.key} HAVING {{test}}"
        return compose(f"({known}{self.link} IN ({some}))", where=self.where, test=test)

    def decided(self, at: Moment) -> Sql:  # noqa: ARG002
        """Return the total as jsonb."""
        rows = f"FROM {self.table} t WHERE {self.key} = {self.link}"
        return compose(f"(SELECT to_jsonb({{x}}) {rows} AND {{where}})", x=self.x.sql, where=self.where)
