"""Dates that are known of a person, birthday and attributes, as a choice in a form and as SQL over `c`."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.segments.errors import Wrong
from contacts.segments.rules.fields import attributes
from contacts.segments.rules.fields.field import FIELDS
from contacts.segments.rules.fields.sources import Own
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type
from journeys.errors import StepBroken
from journeys.steps.local_time import moment_of, zone_of
from journeys.steps.retired import OfferedSelect, label_of

BIRTHDAY = "birthday"
_DATED = (AttributeType.DATE, AttributeType.DATETIME)
# The day of each year; who was born on 29 February has hers on the 28th in others. The first that is still to come.
_YEARLY = """(
SELECT min(t.moment) FROM generate_series(-1, 2) AS k, LATERAL (
    SELECT {moment} AS moment FROM (
        SELECT ({day} + make_interval(years => (extract(year FROM {since} AT TIME ZONE {zone}) + k
                - extract(year FROM {day}))::int))::date AS day
    ) AS y
) AS t WHERE t.moment >= {since}
)"""


def date_choices() -> Sequence[tuple[str, Any]]:
    """Return the fields that hold a date: (key, words); those retired are marked so."""
    own = Attribute.objects.filter(target=Target.CONTACT, type__in=_DATED).order_by("position", "id")
    return [(BIRTHDAY, _("birthday")), *((f"{attributes.PREFIX}{row.key}", label_of(row)) for row in own)]


class DatedField(forms.ChoiceField):
    """A choice of one of them."""

    widget = OfferedSelect

    def __init__(self, **options: Any) -> None:
        required = options.get("required", True)
        super().__init__(choices=lambda: [*([] if required else [("", "–")]), *date_choices()], **options)


def offset_field() -> forms.IntegerField:
    """Return the field for how many days after the date."""
    return forms.IntegerField(
        label=_("Days after it"),
        required=False,
        initial=0,
        min_value=-365,
        max_value=365,
        help_text=_("A number below zero means before it: -7 is a week before."),
    )


def yearly_field() -> forms.BooleanField:
    """Return the field for whether the date is meant in every year."""
    return forms.BooleanField(label=_("It comes round every year"), required=False)


def clock_field(*, required: bool = True) -> forms.TimeField:
    """Return the field for the hour of her day."""
    return forms.TimeField(
        label=_("At"),
        required=required,
        initial=time(9),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("By the person's own clock, where the time zone is known."),
    )


def moment_of_date(key: str, days: int, clock: time, at: Moment, *, yearly: bool, since: Sql) -> Sql:
    """Return the moment `days` after the date of `c` at `clock` by her time, null where none is known.

    `yearly`: the day of that month that comes first from `since` on. Raises StepBroken where the field is gone.
    """
    day = day_of(key, at)
    if not yearly:
        return moment_of(compose("{day} + %s + %s::time", days, clock, day=day), at)
    moment = moment_of(Sql("y.day + %s + %s::time", (days, clock)), at)
    return compose(_YEARLY, day=day, moment=moment, since=since, zone=zone_of(at))


def day_of(key: str, at: Moment) -> Sql:
    """Return the date of `c` (a time as the day it is where she lives). Raises StepBroken where the field is gone."""
    try:
        field = FIELDS[key] if key == BIRTHDAY else attributes.find(key)
    except Wrong as error:
        raise StepBroken(str(error)) from error
    if field is None or not isinstance(field.source, Own) or field.type not in (Type.DATE, Type.DATETIME):
        text = gettext("“%(field)s” is no date any more. Choose another.")
        raise StepBroken(text % {"field": field.label if field else key})
    value = field.source.x.sql
    if field.type is Type.DATE:
        return compose("({value})", value=value)
    return compose("({value} AT TIME ZONE {zone})::date", value=value, zone=zone_of(at))
