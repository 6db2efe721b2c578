"""Values that are subjects of events: of which stages, dispatches or forms a person has an event, over all time."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.sql import Sql

_KIND = "t.kind_id = (SELECT id FROM ledger_kind WHERE key = %s)"
_NUMBERS = "t.subject_id = ANY(ARRAY(SELECT id FROM ledger_subject WHERE type = %s AND key = ANY(%s)))"


@dataclass(frozen=True)
class SubjectExpression(Expression):
    """The key of the subject of a state row, compared by its number so that the index serves."""

    type: str = ""

    def among(self, values: Collection[Any]) -> Sql:
        """Return the condition that the subject is one of those with these keys."""
        return Sql(_NUMBERS, (self.type, [str(value) for value in values]))


def subjects(kind: str, type_: str) -> Rows:
    """Return the source of the keys (numbers) of all subjects of one type a person has an event of `kind` about."""
    key = Sql("(SELECT s.key::bigint FROM ledger_subject s WHERE s.id = t.subject_id)")
    return Rows("subject_state", SubjectExpression(key, type=type_), Sql(_KIND, (kind,)))
