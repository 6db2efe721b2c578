"""When a wait ends, by the clock of the person: exact moments, also where clocks are changed."""

from datetime import UTC, date, datetime, time

import pytest

from contacts.attributes.models import Attribute, AttributeType
from contacts.people.models import Contact
from journeys.errors import StepBroken
from journeys.steps.wait import Until, WaitStep
from tests.journeys.conftest import NOW

SEOUL_NINE = {"at": "09:00"}


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def someone(zone="", **fields):
    return Contact.objects.create(name="Ann", time_zone=zone, **fields)


def test_wait_of_days_ends_at_the_same_time_of_her_day(run):
    settings = {"until": "span", "n": 1, "unit": "days"}
    before_summer_time = utc(2026, 3, 7, 17, 0)  # noon in New York; clocks go forward that night
    people = [someone("America/New_York"), someone("Asia/Seoul"), someone("Nowhere/Land"), someone()]
    rows = run("wait", settings, people, at=before_summer_time)
    assert [row[0] for row in rows] == [None] * 4
    assert [row[1] for row in rows] == [utc(2026, 3, 8, 16, 0)] + [utc(2026, 3, 8, 17, 0)] * 3


def test_wait_of_hours_is_by_the_clock_on_the_wall_of_nobody(run):
    row = {"contact_id": someone("America/New_York").pk, "arrived_at": utc(2026, 3, 7, 17, 0)}
    settings = {"until": "span", "n": 24, "unit": "hours"}
    assert run("wait", settings, [row], at=utc(2026, 3, 8, 16, 59))[0][:2] == (None, utc(2026, 3, 8, 17, 0))
    assert run("wait", settings, [row], at=utc(2026, 3, 8, 17, 0))[0][:2] == ("next", utc(2026, 3, 8, 17, 0))


@pytest.mark.parametrize(
    ("weekdays", "clock", "until"),
    [
        ([], "09:00", utc(2026, 11, 22, 0, 0)),  # it is noon on a Saturday in Seoul
        ([], "12:00", utc(2026, 11, 21, 3, 0)),
        ([], "18:30", utc(2026, 11, 21, 9, 30)),
        ([1], "09:00", utc(2026, 11, 23, 0, 0)),
        ([6], "09:00", utc(2026, 11, 28, 0, 0)),
        ([6], "13:00", utc(2026, 11, 21, 4, 0)),
        ([2, 5], "00:00", utc(2026, 11, 23, 15, 0)),
    ],
)
def test_wait_until_a_time_of_day(run, weekdays, clock, until):
    settings = {"until": "clock", "weekdays": weekdays, "at": clock}
    outlet = "next" if until <= NOW else None
    assert run("wait", settings, [someone("Asia/Seoul")])[0][:2] == (outlet, until)


def test_wait_until_a_time_that_is_skipped_ends_an_hour_on(run):
    settings = {"until": "clock", "at": "02:30"}
    row = run("wait", settings, [someone("America/New_York")], at=utc(2026, 3, 8, 6, 50))[0]
    assert row[:2] == (None, utc(2026, 3, 8, 7, 30))


def test_wait_until_a_date_is_over_where_it_is_over(run):
    settings = {"until": "date", "date": "2026-11-21", "at": "09:00"}
    people = [someone("Asia/Seoul"), someone("America/New_York")]
    assert [row[:2] for row in run("wait", settings, people)] == [
        ("next", NOW),
        (None, utc(2026, 11, 21, 14, 0)),
    ]


def test_wait_until_days_before_an_attribute(run, django_assert_num_queries):
    Attribute.objects.create(key="ends", label="Contract ends", type=AttributeType.DATE)
    day = (date(2026, 12, 1) - date(1970, 1, 1)).days
    people = [
        someone(attributes={"ends": day}),
        someone(attributes={"ends": day - 30}),
        someone(attributes={"ends": "soon"}),
        someone(),
    ]
    settings = {"until": "field", "field": "attribute.ends", "offset": -7, "at": "09:00"}
    rows = run("wait", settings, people)
    assert [row[0] for row in rows] == [None, "next", "no_date", "no_date"]
    assert rows[0][1] == utc(2026, 11, 24, 0, 0)


def test_wait_until_a_birthday_that_comes_round(run):
    people = [someone(birthday=date(1990, 11, 20)), someone(birthday=date(2000, 2, 29)), someone()]
    settings = {"until": "field", "field": "birthday", "offset": 0, "at": "09:00", "yearly": True}
    rows = run("wait", settings, people)
    assert [row[0] for row in rows] == [None, None, "no_date"]
    assert [row[1] for row in rows[:2]] == [utc(2027, 11, 20, 0, 0), utc(2027, 2, 28, 0, 0)]


def test_wait_for_a_field_that_became_a_text_or_was_deleted_holds_the_step(run):
    kept = Attribute.objects.create(key="ends", label="Contract ends", type=AttributeType.DATE)
    settings = {"until": "field", "field": "attribute.ends", "at": "09:00"}
    from journeys.steps.wait import WAIT

    form = WAIT.read(settings)
    assert form.is_valid()
    for change in (lambda: Attribute.objects.update(type=AttributeType.TEXT), kept.delete):
        change()
        with pytest.raises(StepBroken, match=r"date any more|deleted"):
            _due(form.cleaned_data)


def _due(settings):
    from django.db import connection

    from contacts.segments.rules.moment import Moment
    from journeys.engine.batch import Batch, Place
    from journeys.steps.wait import WAIT
    from tests.journeys.conftest import SEOUL

    with connection.cursor() as cursor:
        return WAIT.outcome(Batch(cursor, "journey_batch", 0, Place(1, "a", 1, 1, settings), Moment(NOW, SEOUL)))


def test_what_a_way_of_waiting_needs_is_asked_for():
    from journeys.steps.wait import WAIT

    assert set(WAIT.read({"until": "clock"}).errors) == {"at"}
    assert set(WAIT.read({"until": "date"}).errors) == {"date", "at"}
    assert set(WAIT.read({"until": "span", "unit": "days"}).errors) == {"n"}


@pytest.mark.parametrize(
    ("weekdays", "said"),
    [
        ([1, 2, 3, 4, 5], "Wait until a weekday, 10:00"),
        ([2, 4], "Wait until Tuesday, Thursday, 10:00"),
        ([1, 2, 3, 4, 5, 6, 7], "Wait until 10:00"),
    ],
)
def test_wait_for_working_days_names_no_single_day(weekdays, said):
    assert WaitStep().said({"until": Until.CLOCK, "at": time(10), "weekdays": weekdays}) == said
