"""Months ahead, and the offset after a restore."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.partitions import Hourly, Month, make_ahead, months, months_ahead
from contacts.ledger.replay import raise_offset
from contacts.models import ContactState, Event

pytestmark = pytest.mark.django_db


def test_months_are_counted_over_the_year():
    assert Month(2026, 11).plus(2) == Month(2027, 1)
    assert Month(2026, 1).plus(-1) == Month(2025, 12)
    assert Month(2026, 5).plus(-24) == Month(2024, 5)
    assert Month.of_table(Month(2027, 3).table) == Month(2027, 3)


def test_months_ahead_are_made_once_and_take_events():
    last = months()[-1]
    now = last.plus(-1).start
    assert months_ahead(now) == 1
    made = make_ahead(now)
    assert made == [last.plus(1).table, last.plus(2).table]
    assert make_ahead(now) == []
    assert months_ahead(now) == 3
    later = last.plus(2).start
    (number,) = append([NewEvent(1, "page.viewed", later)], source="t", now=later)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM event WHERE id = %s", [number])
        assert cursor.fetchone()[0] == last.plus(2).table
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [last.plus(2).table])
        of_new = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [last.table])
        assert of_new == cursor.fetchone() == (4,)


def test_the_follow_process_makes_them_once_an_hour():
    now = months()[-1].plus(-1).start
    hourly = Hourly()
    assert [hourly.run(now), hourly.run(now)] == [2, 0]


def test_after_a_restore_the_raised_offset_lets_new_events_be_followed():
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    append([NewEvent(1, "page.viewed", now)], source="t", now=now)
    catch_up(now)
    with connection.cursor() as cursor:  # as in a new cluster: the old one had counted much further
        cursor.execute("UPDATE event SET tx = tx + 1000000")
        cursor.execute("UPDATE ledger_lane SET tx = tx + 1000000")
    append([NewEvent(1, "page.viewed", now)], source="t", now=now)
    catch_up(now)
    assert ContactState.objects.get().n == 1, "without the offset the new event is never followed"
    assert raise_offset() == raise_offset() > 0
    append([NewEvent(1, "page.viewed", now)], source="t", now=now)
    catch_up(now)
    assert ContactState.objects.get().n == 2
    assert Event.objects.count() == 3
