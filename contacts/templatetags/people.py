"""Tags of the people list."""

from datetime import date, datetime
from typing import NamedTuple

from django import template

from contacts.people.columns import Cell, Column
from contacts.people.models import Contact
from crm.kit import figures

register = template.Library()


class Shown(NamedTuple):
    """A cell; `is_time` for a moment, which a page shows in the reader's zone."""

    text: Cell
    is_time: bool


@register.simple_tag
def person_cell(column: Column, contact: Contact) -> Shown:
    """Return what stands in a column for this person: {% person_cell column contact as cell %}."""
    value = column.text(contact)
    if isinstance(value, date) and not isinstance(value, datetime):
        return Shown(figures.calendar_day(value), False)
    return Shown(value, isinstance(value, datetime))
