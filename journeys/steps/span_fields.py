"""A length of time as two fields of a step's form, such as 3 and days, and back as a Span."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.spans import Span, Unit
from journeys.steps.kind import Cleaned

UNITS = [
    (Unit.MINUTES.value, _("minutes")),
    (Unit.HOURS.value, _("hours")),
    (Unit.DAYS.value, _("days")),
    (Unit.WEEKS.value, _("weeks")),
    (Unit.MONTHS.value, _("months")),
]
LONGEST = 1_000  # of any unit


def number_field(label: Any, *, required: bool = True, initial: int | None = None, help_text: Any = "") -> Any:
    """Return the field for how many."""
    return forms.IntegerField(
        label=label, min_value=1, max_value=LONGEST, required=required, initial=initial, help_text=help_text
    )


def unit_field(initial: Unit = Unit.DAYS) -> forms.ChoiceField:
    """Return the field for of what."""
    return forms.ChoiceField(label=_("Unit"), choices=UNITS, initial=initial.value, required=False)


def span_of(cleaned: Cleaned, number: str, unit: str) -> Span | None:
    """Return the span of two cleaned fields; None without a number."""
    n = cleaned.get(number)
    return Span(n, Unit(cleaned.get(unit) or Unit.DAYS)) if n else None
