"""Ways in by time: at the hour of each person's own day, once for each day, also over a change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from contacts.attributes.models import Attribute, AttributeType
from contacts.people.models import Contact
from contacts.segments.models import Membership, Segment
from journeys.triggers.local_days import days_at, moment_of
from tests.journeys.conftest import NOW

NINE_IN_SEOUL = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")


def someone(zone="Asia/Seoul", **fields):
    return Contact.objects.create(name="Ann", time_zone=zone, **fields)


def test_birthday_comes_at_nine_where_she_lives(ask):
    born = date(1990, 11, 21)
    seoul, york, other = someone(birthday=born), someone("America/New_York", birthday=born), someone()
    settings = {"field": "birthday", "offset": 0, "at": "09:00", "yearly": True}
    just = (NINE_IN_SEOUL - HOUR, NINE_IN_SEOUL)
    assert ask.due("date", settings, *just) == [(seoul.pk, "", NINE_IN_SEOUL)]
    assert ask.due("date", settings, NINE_IN_SEOUL, NINE_IN_SEOUL + HOUR) == []
    nine_in_york = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert ask.due("date", settings, nine_in_york - HOUR, nine_in_york) == [(york.pk, "", nine_in_york)]
    assert ask.due("date", settings | {"yearly": False}, *just) == []
    assert other.birthday is None


def test_days_before_a_contract_ends(ask):
    Attribute.objects.create(key="ends", label="Contract ends", type=AttributeType.DATE)
    day = (date(2026, 12, 21) - date(1970, 1, 1)).days
    ann, _bad, _later = someone(attributes={"ends": day}), someone(attributes={"ends": "x"}), someone(
        attributes={"ends": day + 1}
    )  # fmt: skip
    settings = {"field": "attribute.ends", "offset": -30, "at": "09:00"}
    assert ask.due("date", settings, NINE_IN_SEOUL - HOUR, NINE_IN_SEOUL) == [(ann.pk, "", NINE_IN_SEOUL)]
    made_up = ask.due("date", settings, NINE_IN_SEOUL - 5 * DAY, NINE_IN_SEOUL + DAY)
    assert [row[2] for row in made_up] == [NINE_IN_SEOUL, NINE_IN_SEOUL + DAY]


def test_born_on_29_february_counts_on_the_28th(ask):
    leap = someone(birthday=date(2000, 2, 29))
    settings = {"field": "birthday", "at": "09:00", "yearly": True}
    until = datetime(2027, 2, 28, 0, 0, tzinfo=UTC)
    assert ask.due("date", settings, until - HOUR, until) == [(leap.pk, "", until)]


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({"every": "once", "date": "2026-11-21"}, [21]),
        ({"every": "day"}, [20, 21, 22, 23]),
        ({"every": "week", "weekdays": [1, 6]}, [21, 23]),
        ({"every": "month", "day": 22}, [22]),
    ],
)
def test_schedule_takes_the_members_of_the_day(ask, settings, days):
    segment = Segment.objects.create(name="All", definition={"version": 1, "rule": {"all": []}})
    ann, gone = someone(), someone()
    Membership.objects.create(segment=segment, contact=ann, entered_at=NOW - DAY)
    Membership.objects.create(segment=segment, contact=gone, entered_at=NOW - DAY, left_at=NOW)
    span = (datetime(2026, 11, 19, 1, 0, tzinfo=UTC), datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    found = ask.due("schedule", {"segment": segment.pk, "at": "09:00"} | settings, *span)
    assert found == [(ann.pk, "", datetime(2026, 11, day, 0, 0, tzinfo=UTC)) for day in days]


def test_last_day_of_a_short_month(ask):
    segment = Segment.objects.create(name="All", definition={"version": 1, "rule": {"all": []}})
    Membership.objects.create(segment=segment, contact=someone(), entered_at=NOW)
    settings = {"segment": segment.pk, "every": "month", "day": 31, "at": "09:00"}
    span = (datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC))
    assert [row[2].day for row in ask.due("schedule", settings, *span)] == [28]


@pytest.mark.parametrize("every", ["once", "week", "month"])
def test_schedule_without_its_day_is_refused(db, every):
    from journeys.triggers.schedule import SCHEDULE

    segment = Segment.objects.create(name="All", definition={"version": 1, "rule": {"all": []}})
    field = {"once": "date", "week": "weekdays", "month": "day"}[every]
    assert set(SCHEDULE.read({"segment": segment.pk, "every": every, "at": "09:00"}).errors) == {field}


def test_each_day_comes_once_however_time_is_cut():
    """A hundred and twenty days over a change of the clocks, in pieces of any length: none twice, none skipped."""
    begin = datetime(2026, 1, 15, 7, 13, tzinfo=UTC)
    for clock in (time(2, 30), time(9), time(0)):
        for minutes in (7, 60, 61, 1_439, 5_000):
            step, at, seen = timedelta(minutes=minutes), begin, []
            while at < begin + 120 * DAY:
                seen += [day for day, _moment in days_at(clock, at, at + step, NEW_YORK)]
                at += step
            assert len(seen) == len(set(seen))
            assert seen == [seen[0] + n * DAY for n in range(len(seen))]


def test_skipped_and_doubled_hours():
    assert moment_of(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert moment_of(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
