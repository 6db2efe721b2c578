"""Wait: a length of time, until a time of day, until a date, or until a date that is known of the person."""

from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.db import models
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from crm.kit import figures
from journeys.engine.batch import Batch
from journeys.steps.date_of_person import (
    DatedField,
    clock_field,
    date_choices,
    moment_of_date,
    offset_field,
    yearly_field,
)
from journeys.steps.kind import NEXT, Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.local_time import later, moment_of, next_time
from journeys.steps.span_fields import number_field, span_of, unit_field

_NO_DATE = Outlet("no_date", _("no such date is known"))
_OUTCOME = """
SELECT d.id, CASE WHEN d.due IS NULL THEN 'no_date' WHEN d.due <= d.at THEN 'next' END, d.due, NULL::jsonb
FROM (
    SELECT b.id, b.at, greatest({due}, b.arrived_at) AS due
    FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
) AS d
"""
# greatest() passes over nulls: who has no date must not go on at once.
_OUTCOME_OF_DATE = _OUTCOME.replace(
    "greatest({due}, b.arrived_at)", "CASE WHEN ({due}) IS NOT NULL THEN greatest({due}, b.arrived_at) END"
)
_ARRIVED = Sql("b.arrived_at")
_WEEKDAYS = [(number + 1, name) for number, name in WEEKDAYS.items()]
_WORKING_DAYS = {1, 2, 3, 4, 5}  # as _WEEKDAYS counts: Monday to Friday


class Until(models.TextChoices):
    """What ends the wait."""

    SPAN = "span", _("For a while")
    CLOCK = "clock", _("Until a time of day")
    DATE = "date", _("Until a date")
    FIELD = "field", _("Until a date of the person")


class WaitForm(StepForm):
    until = forms.ChoiceField(label=_("Wait"), choices=Until, initial=Until.SPAN, widget=forms.RadioSelect)
    n = number_field(_("How long"), required=False, initial=1)
    unit = unit_field()
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"),
        choices=_WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: any day."),
    )
    date = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    field = DatedField(label=_("Date of the person"), required=False)
    offset = offset_field()
    yearly = yearly_field()
    at = clock_field(required=False)

    shown_when = {
        **dict.fromkeys(("n", "unit"), ("until", (Until.SPAN,))),
        "weekdays": ("until", (Until.CLOCK,)),
        "date": ("until", (Until.DATE,)),
        **dict.fromkeys(("field", "offset", "yearly"), ("until", (Until.FIELD,))),
        "at": ("until", (Until.CLOCK, Until.DATE, Until.FIELD)),
    }
    asked = frozenset({"n", "unit", "date", "field", "at"})
    _NEEDED: ClassVar[dict[str, tuple[str, ...]]] = {
        Until.SPAN: ("n",),
        Until.CLOCK: ("at",),
        Until.DATE: ("date", "at"),
        Until.FIELD: ("field", "at"),
    }

    def clean(self) -> None:
        """Ask for what the chosen way needs."""
        for name in self._NEEDED.get(self.cleaned_data.get("until", ""), ()):
            if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, gettext("This is needed here."))


class WaitStep(StepKind):
    key = "wait"
    label = _("Wait")
    icon = "clock"
    shelf = Shelf.TIME
    form = WaitForm
    waits = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return also the way of those of whom no such date is known."""
        return (NEXT, _NO_DATE) if cleaned.get("until") == Until.FIELD else (NEXT,)

    def outcome(self, batch: Batch) -> Sql:
        """Return for each until when she stays; a time gone by lets her go on at once."""
        of_date = batch.cleaned["until"] == Until.FIELD
        template = _OUTCOME_OF_DATE if of_date else _OUTCOME
        return compose(template, due=self._due(batch), rows=Sql(batch.rows))

    def _due(self, batch: Batch) -> Sql:
        cleaned, at = batch.cleaned, batch.moment
        if cleaned["until"] == Until.SPAN:
            span = span_of(cleaned, "n", "unit")
            assert span is not None
            return later(_ARRIVED, span, at)
        if cleaned["until"] == Until.CLOCK:
            return next_time(_ARRIVED, cleaned["at"], cleaned["weekdays"], at)
        if cleaned["until"] == Until.DATE:
            return moment_of(Sql("%s::date + %s::time", (cleaned["date"], cleaned["at"])), at)
        days = cleaned["offset"] or 0
        return moment_of_date(cleaned["field"], days, cleaned["at"], at, yearly=cleaned["yearly"], since=_ARRIVED)

    def said(self, cleaned: Cleaned) -> str:
        """Return the wait in words."""
        if cleaned["until"] == Until.SPAN:
            span = span_of(cleaned, "n", "unit")
            return filled(gettext("Wait %(span)s"), span=span.words() if span else "")
        clock = formats.time_format(cleaned["at"], "H:i")
        if cleaned["until"] == Until.CLOCK:
            return _until_clock(cleaned["weekdays"], clock)
        if cleaned["until"] == Until.DATE:
            return filled(
                gettext("Wait until %(day)s, %(clock)s"), day=figures.calendar_day(cleaned["date"]), clock=clock
            )
        field = str(dict(date_choices()).get(cleaned["field"]) or cleaned["field"])
        return _until_date(field, cleaned["offset"] or 0, clock)


def _until_clock(weekdays: Sequence[int], clock: str) -> str:
    if not weekdays or len(weekdays) == len(_WEEKDAYS):
        return filled(gettext("Wait until %(clock)s"), clock=clock)
    if set(weekdays) == _WORKING_DAYS:
        return filled(gettext("Wait until a weekday, %(clock)s"), clock=clock)
    names = ", ".join(str(name) for number, name in _WEEKDAYS if number in weekdays)
    return filled(gettext("Wait until %(days)s, %(clock)s"), days=names, clock=clock)


def _until_date(field: str, offset: int, clock: str) -> str:
    if not offset:
        return filled(gettext("Wait until %(field)s, %(clock)s"), field=field, clock=clock)
    days = abs(offset)
    if offset < 0:
        pattern = ngettext("Wait until %(n)s day before %(field)s, %(clock)s",
                           "Wait until %(n)s days before %(field)s, %(clock)s", days)  # fmt: skip
    else:
        pattern = ngettext("Wait until %(n)s day after %(field)s, %(clock)s",
                           "Wait until %(n)s days after %(field)s, %(clock)s", days)  # fmt: skip
    return filled(pattern, n=str(days), field=field, clock=clock)


WAIT = WaitStep()
