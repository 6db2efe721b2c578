"""Times that events tell too: whom time alone moves is found by the ledger's index, not by reading a whole table."""

from collections.abc import Callable
from dataclasses import dataclass

from contacts.ledger.dictionary import kind_ids
from contacts.segments.rules.expression import Expression, Test
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose

_AT = Expression(Sql("e.occurred_at"))
# The table itself is read only when months of events were dropped: who is told of there is told of nowhere else.
_FLIPS = """c.id IN (
    SELECT e.contact_id FROM event e WHERE e.kind_id = ANY(%s) AND {told}
    UNION ALL
    SELECT t.contact_id FROM {rows} t WHERE (SELECT EXISTS (SELECT FROM ledger_dropped)) AND {where} AND {kept}
)"""


@dataclass(frozen=True)
class Told(Rows):
    """A time in a row of a table that is always the time of an event of one of `told_by` of the same person."""

    told_by: Callable[[], list[str]] = list

    def flips(self, test: Test, at: Moment) -> Sql:  # noqa: ARG002 - the protocol's signature
        """Return the condition for all who may have such a time; too many are harmless."""
        kinds = sorted(kind_ids(self.told_by()).values())
        statement = _FLIPS.replace("{rows}", self.table)
        return compose(statement, kinds, told=test(_AT), where=self.where, kept=test(self.x))
