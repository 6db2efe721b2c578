"""Tags of lists of people."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contacts.people.cells import BLANK
from contacts.people.columns import Cell, Column, usual
from contacts.people.models import Contact
from crm.kit import figures
from crm.team.templatetags.look import person_time

register = template.Library()
register.simple_tag(usual, name="usual_columns")
_TICK = (
    '<td class="people-tick"><input class="form-check-input" type="checkbox" name="contact" value="{}" form="bulk"'
    ' aria-label="{}"></td>'
)


@register.simple_tag
def people_rows(people: Iterable[Contact], columns: Sequence[Column], *, tick: bool = False) -> SafeString:
    """Draw a <tr> for each person (with what queries.with_rows loads); `tick` adds a checkbox of the form "bulk"."""
    first, *others = columns
    labelled = [(column, str(column.label)) for column in others]
    return format_html_join(
        "\n",
        '<tr>{}<th scope="row">{}</th>{}</tr>',
        (
            (
                format_html(_TICK, contact.pk, contact.display_name) if tick else "",
                _drawn(first, contact, first.text(contact)),
                format_html_join("", "{}", ((_cell(column, label, contact),) for column, label in labelled)),
            )
            for contact in people
        ),
    )


def _cell(column: Column, label: str, contact: Contact) -> SafeString:
    value = column.text(contact)
    css = "" if value else "is-blank"
    return format_html(
        '<td data-label="{}" class="{}">{}</td>',
        label,
        "wf-nowrap" if isinstance(value, datetime) else css,
        _drawn(column, contact, value),
    )


def _drawn(column: Column, contact: Contact, value: Cell) -> SafeString | str:
    if column.draw:
        return column.draw(contact)
    if isinstance(value, datetime):
        return person_time(value, "day")
    if isinstance(value, date):
        return figures.calendar_day(value)
    return str(value) if value else BLANK
