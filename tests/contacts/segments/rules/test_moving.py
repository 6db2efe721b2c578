"""Spans, calendar words, ranges: exact ends over leap days, short months and clock changes; ends never move back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.segments.errors import Wrong
from contacts.segments.rules.fixed import Fixed, read_time
from contacts.segments.rules.moving import Ago, Last, MoreThanAgo, MoreThanAhead, Next
from contacts.segments.rules.periods import CALENDAR_WORDS, Period
from contacts.segments.rules.ranges import Range, days, passed
from contacts.segments.rules.spans import Span, Unit, read_span, start_of

SEOUL, BERLIN, HAVANA, APIA = (
    ZoneInfo(name) for name in ("Asia/Seoul", "Europe/Berlin", "America/Havana", "Pacific/Apia")
)
ZONES = [SEOUL, BERLIN, HAVANA, APIA, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")]


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("span", "start", "zone", "end"),
    [
        (Span(1, Unit.MONTHS), "2026-01-31T10:00", UTC, "2026-02-28T23:59:59.999999"),
        (Span(1, Unit.MONTHS), "2028-01-31T10:00", UTC, "2028-02-29T23:59:59.999999"),
        (Span(1, Unit.MONTHS), "2026-01-28T10:00", UTC, "2026-02-28T10:00"),
        (Span(1, Unit.YEARS), "2028-02-29T10:00", UTC, "2029-02-28T23:59:59.999999"),
        (Span(4, Unit.YEARS), "2028-02-29T10:00", UTC, "2032-02-29T10:00"),
        (Span(13, Unit.MONTHS), "2026-11-30T00:00", UTC, "2027-12-30T00:00"),
        (Span(1, Unit.DAYS), "2026-03-28T12:00", BERLIN, "2026-03-29T13:00"),  # 24 hours over a day of 23
        (Span(1, Unit.MONTHS), "2026-02-28T12:00", BERLIN, "2026-03-28T12:00"),
        (Span(1, Unit.MONTHS), "2026-03-01T12:00", BERLIN, "2026-04-01T12:00"),
        (Span(90, Unit.MINUTES), "2026-10-25T01:30", BERLIN, "2026-10-25T02:00:00"),
    ],
)
def test_after_is_exact(span, start, zone, end):
    expected = at(end, zone).replace(fold=1) if span.unit is Unit.MINUTES else at(end, zone)
    assert span.after(at(start, zone), ZoneInfo(str(zone))) == expected.astimezone(UTC)


def test_before_is_exact():
    assert Span(1, Unit.MONTHS).before(at("2026-03-31T08:00", BERLIN), BERLIN) == at(
        "2026-02-28T23:59:59.999999", BERLIN
    )
    assert Span(7, Unit.DAYS).before(at("2026-11-21T08:00"), SEOUL) == at("2026-11-14T08:00")


NOW = at("2026-11-21T08:30", SEOUL)  # a Saturday


@pytest.mark.parametrize(
    ("word", "lo", "hi"),
    [
        ("today", "2026-11-21", "2026-11-22"),
        ("yesterday", "2026-11-20", "2026-11-21"),
        ("tomorrow", "2026-11-22", "2026-11-23"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("last_week", "2026-11-09", "2026-11-16"),
        ("next_week", "2026-11-23", "2026-11-30"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next_month", "2026-12-01", "2027-01-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("last_quarter", "2026-07-01", "2026-10-01"),
        ("next_quarter", "2027-01-01", "2027-04-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("next_year", "2027-01-01", "2028-01-01"),
    ],
)
def test_calendar_words(word, lo, hi):
    found = CALENDAR_WORDS[word].range(NOW, SEOUL)
    assert found == Range(*(start_of(date.fromisoformat(day), SEOUL) for day in (lo, hi)))
    assert CALENDAR_WORDS[word].stored() == {"calendar": word}
    assert days(found, SEOUL) == Range(date.fromisoformat(lo), date.fromisoformat(hi))


def test_every_calendar_word_has_words_of_its_own():
    assert len({period.words() for period in CALENDAR_WORDS.values()}) == len(CALENDAR_WORDS) == 15


def test_a_day_of_23_or_25_hours_is_a_whole_day():
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        today = Period(CALENDAR_WORDS["today"].unit).range(at(f"{day}T12:00", BERLIN), BERLIN)
        assert today.hi - today.lo == timedelta(hours=hours)


def test_fixed_times_are_read_in_the_zone():
    assert Fixed(date(2026, 5, 1), None).range(NOW, SEOUL) == Range(at("2026-04-30T15:00"), None)
    assert Fixed(None, datetime(2026, 5, 1, 9)).range(NOW, SEOUL) == Range(None, at("2026-05-01T00:00"))  # noqa: DTZ001
    zoned = datetime.fromisoformat("2026-05-01T09:00+02:00")
    assert Fixed(zoned, None).range(NOW, SEOUL) == Range(at("2026-05-01T07:00"), None)


spans = st.builds(Span, st.integers(1, 40), st.sampled_from(Unit))
moving = st.one_of(
    st.builds(Last, spans),
    st.builds(Next, spans),
    st.builds(MoreThanAgo, spans),
    st.builds(MoreThanAhead, spans),
    st.builds(Ago, spans, spans),
    st.sampled_from(list(CALENDAR_WORDS.values())),
    st.builds(Fixed, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.none()),
)
CHANGES = ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2028-02-28", "2026-01-30", "2011-12-29"]
# Around clock changes, month ends and leap days more often than elsewhere.
times = st.one_of(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(
        lambda day, minutes: at(day) + timedelta(minutes=minutes),
        st.sampled_from(CHANGES),
        st.integers(-1000, 4000),
    ),
)


@settings(max_examples=400, deadline=None)
@given(moving, times, times, st.sampled_from(ZONES))
def test_ends_never_move_back(moving, one, two, zone):
    early, late = (moving.range(now, zone) for now in sorted((one, two)))
    assert early.lo is None or early.lo <= late.lo
    assert early.hi is None or early.hi <= late.hi


@settings(max_examples=400, deadline=None)
@given(moving, times, st.integers(0, 5000), times, st.sampled_from(ZONES))
def test_what_changes_by_time_alone_lies_where_an_end_passed(moving, since, minutes, value, zone):
    before, after = moving.range(since, zone), moving.range(since + timedelta(minutes=minutes), zone)
    for probe in (value, *(end for r in (before, after) for end in (r.lo, r.hi) if end)):
        if before.holds(probe) != after.holds(probe):
            assert any(moved.holds(probe) for moved in passed(before, after))


@pytest.mark.parametrize(
    "raw",
    [None, 7, [], {}, {"n": 7}, {"n": 0, "unit": "days"}, {"n": 36526, "unit": "days"}, {"n": True, "unit": "days"},
     {"n": "7", "unit": "days"}, {"n": 7, "unit": ["days"]}, {"n": 7, "unit": "fortnights"},
     {"n": 7, "unit": "days", "x": 1}, {"n": 10**30, "unit": "years"}],
)  # fmt: skip
def test_a_wrong_span_is_refused(raw):
    with pytest.raises(Wrong, match="A length of time"):
        read_span(raw)


@pytest.mark.parametrize(
    "raw", [None, 5, "", "yesterday", "2026-02-30", "0001-01-01", "2026-11-21T25:00", "2026-11-21\0"]
)
def test_a_wrong_time_is_refused(raw):
    with pytest.raises(Wrong, match="no date"):
        read_time(raw)


def test_right_spans_and_times_are_read():
    assert read_span({"n": 7, "unit": "days"}) == Span(7, Unit.DAYS)
    assert read_time("2026-11-21") == date(2026, 11, 21)
    assert read_time("2026-11-21T10:00:00+09:00") == datetime.fromisoformat("2026-11-21T10:00:00+09:00")
