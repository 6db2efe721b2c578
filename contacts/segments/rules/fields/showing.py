"""A value of a field in words, as the why-view and lists say it."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.rules.fields.field import Field
from contacts.segments.rules.value_type import Type
from crm.kit import figures


def shown(field: Field, value: Any) -> str:
    """Return a value, as `Source.decided` gives it in JSON, in the active language; a dash for None."""
    if value is None or value == []:
        return "–"
    if isinstance(value, list):
        return ", ".join(shown(field, one) for one in value)
    if field.choices and not isinstance(value, float):
        return str(field.choices.labels([value]).get(value, value))
    return _of_type(field.type, value)


def _of_type(type_: Type, value: Any) -> str:
    match type_:
        case Type.BOOLEAN:
            return _("Yes") if value else _("No")
        case Type.MONEY:
            return figures.money(value)
        case Type.DATE:
            return figures.calendar_day(date.fromisoformat(value))
        case Type.DATETIME:
            return figures.day_and_time(datetime.fromisoformat(value))
        case Type.NUMBER | Type.SCORE | Type.GRADE:
            return figures.count(round(value, 1))
        case _:
            return str(value)
