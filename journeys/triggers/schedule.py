"""Way in: by the calendar, everybody who is in a segment then; once, daily, weekly or monthly, in local time."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time

from django import forms
from django.db import models
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts.segments.models import Segment
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose, joined
from contacts.segments.rules.words import filled
from crm.kit import figures
from journeys.steps.kind import Cleaned
from journeys.steps.row_choice import RowChoice
from journeys.triggers.kind import TriggerForm, TriggerKind
from journeys.triggers.local_days import NOBODY, by_zone

_DUE = """
SELECT c.id, '', %s::timestamptz, NULL::bigint, NULL::jsonb
FROM contacts_membership s JOIN contacts_contact c ON c.id = s.contact_id AND c.merged_into_id IS NULL
WHERE s.segment_id = %s AND s.left_at IS NULL AND {zone}
"""


class Every(models.TextChoices):
    """How often."""

    ONCE = "once", _("Once")
    DAY = "day", _("Every day")
    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


class ScheduleForm(TriggerForm):
    segment = RowChoice(Segment.objects.filter(purpose="").order_by("name"), label=_("Segment"))
    every = forms.ChoiceField(
        label=pgettext_lazy("calendar", "How often"), choices=Every, initial=Every.ONCE, widget=forms.RadioSelect
    )
    date = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"),
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("In shorter months the last day."),
    )
    at = forms.TimeField(
        label=_("At"),
        initial=time(9),
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("By the person's own clock, where the time zone is known."),
    )

    shown_when = {
        "date": ("every", ("once",)),
        "weekdays": ("every", ("week",)),
        "day": ("every", ("month",)),
    }
    asked = frozenset({"date", "weekdays", "day"})

    def clean(self) -> None:
        """Ask for the day that the way needs."""
        name = {Every.ONCE: "date", Every.WEEK: "weekdays", Every.MONTH: "day"}.get(self.cleaned_data.get("every", ""))
        if name and name not in self.errors and not self.cleaned_data.get(name):
            self.add_error(name, gettext("This is needed here."))


class Schedule(TriggerKind):
    key = "schedule"
    label = _("By the calendar")
    icon = "calendar-repeat"
    form = ScheduleForm

    def segments(self, cleaned: Cleaned) -> frozenset[int]:
        """Return the segment."""
        return frozenset({cleaned["segment"].pk})

    def due(self, cleaned: Cleaned, since: datetime, until: datetime, at: Moment) -> Sql:
        """Return the members to whom such a day came in (since, until]."""
        fits = _DAYS[Every(cleaned["every"])]
        found = [
            compose(_DUE, moment, cleaned["segment"].pk, zone=zone)
            for zone, (day, moment) in by_zone(cleaned["at"], since, until, at)
            if fits(day, cleaned)
        ]
        return joined(" UNION ALL ", found) if found else NOBODY

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        patterns = {
            Every.ONCE: gettext("On %(day)s, %(clock)s: everybody in “%(name)s”"),
            Every.DAY: gettext("Every day, %(clock)s: everybody in “%(name)s”"),
            Every.WEEK: gettext("Every week on %(day)s, %(clock)s: everybody in “%(name)s”"),
            Every.MONTH: gettext("Every month on day %(day)s, %(clock)s: everybody in “%(name)s”"),
        }
        every = Every(cleaned["every"])
        clock = formats.time_format(cleaned["at"], "H:i")
        return filled(patterns[every], day=_day_said(every, cleaned), clock=clock, name=cleaned["segment"].label)


def _day_said(every: Every, cleaned: Cleaned) -> str:
    if every is Every.ONCE:
        return figures.calendar_day(cleaned["date"])
    if every is Every.WEEK:
        return ", ".join(str(WEEKDAYS[number - 1]) for number in cleaned["weekdays"])
    return str(cleaned["day"] or "")


def _of_month(day: date, cleaned: Cleaned) -> bool:
    return bool(day.day == min(cleaned["day"], monthrange(day.year, day.month)[1]))


_DAYS: dict[Every, Callable[[date, Cleaned], bool]] = {
    Every.ONCE: lambda day, cleaned: day == cleaned["date"],
    Every.DAY: lambda _day, _cleaned: True,
    Every.WEEK: lambda day, cleaned: day.isoweekday() in cleaned["weekdays"],
    Every.MONTH: _of_month,
}

SCHEDULE = Schedule()
