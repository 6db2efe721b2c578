"""The table of operators: one row is one operator. `operators_of(field)` are those that a field has."""

from contacts.segments.rules.fields.field import Field
from contacts.segments.rules.operators.choices import CHOICE_OPERATORS
from contacts.segments.rules.operators.dates import DATE_OPERATORS
from contacts.segments.rules.operators.numbers import NUMBER_OPERATORS
from contacts.segments.rules.operators.operator import Operator
from contacts.segments.rules.operators.scores import SCORE_OPERATORS
from contacts.segments.rules.operators.texts import TEXT_OPERATORS
from contacts.segments.rules.value_type import Type

OPERATORS: tuple[Operator, ...] = (
    *TEXT_OPERATORS,
    *NUMBER_OPERATORS,
    *SCORE_OPERATORS,
    *DATE_OPERATORS,
    *CHOICE_OPERATORS,
)
_OF_TYPE: dict[Type, dict[str, Operator]] = {
    type_: {row.key: row for row in OPERATORS if type_ in row.types} for type_ in Type
}


def operators_of(field: Field) -> dict[str, Operator]:
    """Return the operators of a field by key, in the order in which they are offered."""
    rows = _OF_TYPE[field.type]
    return {key: row for key, row in rows.items() if not field.operators or key in field.operators}


def opposite(operator: Operator, type_: Type) -> Operator:
    """Return the positive operator that a negative one is the opposite of."""
    return _OF_TYPE[type_][operator.negates]
