"""Whether somebody is under 14: by the birthday where it is known, which time alone changes, else by the flag."""

from dataclasses import dataclass
from typing import Any

from contacts.consent.minors import turned_on
from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.fields.age import AGE
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.tree import Form


@dataclass(frozen=True)
class Minor:
    """True or false, never missing; the day is the company's."""

    def _under(self, at: Moment) -> Sql:
        return Sql("coalesce(c.birthday > %s, c.under_14)", (turned_on(at.today()),))

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:  # noqa: ARG002 - the protocol's signature
        """Return the test over it."""
        return test(Expression(self._under(at)))

    def scaled(self, value: Any, at: Moment) -> Any:  # noqa: ARG002
        """Return the value itself."""
        return value

    def crossed(self, since: Moment, until: Moment) -> Sql | None:
        """Return the condition for those who had a birthday in between."""
        return AGE.crossed(since, until)

    def decided(self, at: Moment) -> Sql:
        """Return what it is."""
        return compose("to_jsonb({under})", under=self._under(at))


MINOR = Minor()
