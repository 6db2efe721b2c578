"""Which days came to a time of the clock between two moments, for people of each time zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.zones import groups_of_zones

LONGEST = timedelta(days=60)  # what came earlier, in a longer stop, is not made up for
_DAY = timedelta(days=1)
NOBODY = Sql("SELECT NULL::bigint, ''::text, NULL::timestamptz, NULL::bigint, NULL::jsonb WHERE false")

type Day = tuple[date, datetime]


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return when the clock of the zone shows it that day, in UTC.

    A time that is skipped that night is its successor, of one that comes twice it is the second (as in
    journeys.steps.local_time).
    """
    local = datetime.combine(day, clock, zone)
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def days_at(clock: time, since: datetime, until: datetime, zone: ZoneInfo) -> tuple[Day, ...]:
    """Return the days whose `clock` came in (since, until], with that moment."""
    since = max(since, until - LONGEST)
    first = since.astimezone(zone).date()
    count = (until.astimezone(zone).date() - first).days + 1
    days = [first + n * _DAY for n in range(count)]
    found = ((day, moment_of(day, clock, zone)) for day in days)
    return tuple((day, moment) for day, moment in found if since < moment <= until)


def by_zone(clock: time, since: datetime, until: datetime, at: Moment) -> Iterator[tuple[Sql, Day]]:
    """Yield (condition over `c`, the day with its moment) for each group of people to whom a day came."""

    def resolve(_at: Moment, zone: ZoneInfo) -> tuple[Day, ...]:
        return days_at(clock, since, until, zone)

    for condition, (days,) in groups_of_zones([at], resolve, own=True):
        for day in days:
            yield condition, day
