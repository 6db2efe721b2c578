"""Age in full years, which changes by time alone. Who was born on 29 February turns older on 1 March of other years."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.tree import Form
from contacts.segments.rules.yearly import month_days

_MONTH_DAY = "(extract(month FROM c.birthday) * 100 + extract(day FROM c.birthday))::int"


@dataclass(frozen=True)
class Age:
    """Full years since the birthday, in the company's zone."""

    def _years(self, at: Moment) -> Sql:
        today = at.today()
        before = f"(CASE WHEN {_MONTH_DAY} > %s THEN 1 ELSE 0 END)"
        years = f"(%s - extract(year FROM c.birthday)::int - {before})"
        return Sql(years, (today.year, today.month * 100 + today.day))

    def placed(self, test: Test, form: Form, at: Moment) -> Sql:  # noqa: ARG002 - the protocol's signature
        """Return the test over the age."""
        return compose("(c.birthday IS NOT NULL AND {test})", test=test(Expression(self._years(at))))

    def scaled(self, value: Any, at: Moment) -> Any:  # noqa: ARG002
        """Return the value itself."""
        return value

    def crossed(self, since: Moment, until: Moment) -> Sql | None:
        """Return the condition for those who had a birthday in between."""
        first, last = since.today() + timedelta(days=1), until.today()
        days = sorted(month_days(first - timedelta(days=1), last)) if first <= last else []
        return Sql(f"{_MONTH_DAY} = ANY(%s)", (days,)) if days else None

    def decided(self, at: Moment) -> Sql:
        """Return the age."""
        return compose("to_jsonb({years})", years=self._years(at))


AGE = Age()
