"""Way in: a date of the person, or days before or after it, once or every year, at an hour of her own day."""

from datetime import date, datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose, joined
from contacts.segments.rules.words import filled
from contacts.segments.rules.yearly import month_days
from journeys.steps.date_of_person import (
    BIRTHDAY,
    DatedField,
    clock_field,
    date_choices,
    day_of,
    offset_field,
    yearly_field,
)
from journeys.steps.kind import Cleaned
from journeys.triggers.kind import TriggerForm, TriggerKind
from journeys.triggers.local_days import NOBODY, by_zone

_DUE = """
SELECT c.id, '', %s::timestamptz, NULL::bigint, NULL::jsonb FROM contacts_contact c
WHERE c.merged_into_id IS NULL AND {zone} AND {test}
"""


class DateForm(TriggerForm):
    field = DatedField(label=_("Date of the person"), initial=BIRTHDAY)
    offset = offset_field()
    at = clock_field()
    yearly = yearly_field()


class DateComes(TriggerKind):
    key = "date"
    label = _("A date comes")
    icon = "calendar-event"
    form = DateForm

    def due(self, cleaned: Cleaned, since: datetime, until: datetime, at: Moment) -> Sql:
        """Return those whose day came in (since, until]."""
        value = day_of(cleaned["field"], at)
        found = [
            compose(_DUE, moment, zone=zone, test=_falls_on(value, day, cleaned))
            for zone, (day, moment) in by_zone(cleaned["at"], since, until, at)
        ]
        return joined(" UNION ALL ", found) if found else NOBODY

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        field = str(dict(date_choices()).get(cleaned["field"]) or cleaned["field"])
        days, clock = cleaned["offset"] or 0, formats.time_format(cleaned["at"], "H:i")
        if not days:
            return filled(gettext("%(field)s comes, %(clock)s"), field=field, clock=clock)
        if days < 0:
            pattern = ngettext("%(n)s day before %(field)s, %(clock)s", "%(n)s days before %(field)s, %(clock)s", -days)
        else:
            pattern = ngettext("%(n)s day after %(field)s, %(clock)s", "%(n)s days after %(field)s, %(clock)s", days)
        return filled(pattern, n=str(abs(days)), field=field, clock=clock)


def _falls_on(value: Sql, day: date, cleaned: Cleaned) -> Sql:
    """Return the condition that the date lies as many days before that day as is asked."""
    wanted = day - timedelta(days=cleaned["offset"] or 0)
    if not cleaned["yearly"]:
        return compose("{value} = %s", wanted, value=value)
    numbers = sorted(month_days(wanted, wanted))
    month_day = "(extract(month FROM {value}) * 100 + extract(day FROM {value}))::int"
    return compose(f"{month_day} = ANY(%s)", numbers, value=value)


DATE = DateComes()
