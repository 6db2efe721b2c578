"""Bulk work waits for followers that run and are late, not for those that nobody runs, and never for good."""

import time

import psycopg
import pytest
from django.db import connection

from contacts.ledger import giving_way
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import LOCK_CLASS, catch_up
from contacts.ledger.position import EVERYTHING_READ, unread_from
from contacts.models import Contact
from crm.kit import clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def led():
    """Some process leads a shard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK_CLASS])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCK_CLASS])


@pytest.fixture
def _unread():
    catch_up(clock.now())
    seen = NewEvent(Contact.objects.create(name="Ann").pk, "page.viewed", clock.now())
    append([seen], source="test", now=clock.now())


@pytest.mark.usefixtures("_unread")
def test_nobody_waits_for_followers_that_nobody_runs():
    assert giving_way.give_way() is False


@pytest.mark.usefixtures("_unread")
def test_followers_of_another_database_are_not_waited_for():
    with psycopg.connect(**(connection.get_connection_params() | {"dbname": "postgres"}), autocommit=True) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK_CLASS])
        assert giving_way.give_way() is False


@pytest.mark.usefixtures("led")
def test_work_goes_on_at_once_where_all_is_read():
    catch_up(clock.now())
    assert giving_way.give_way() is False


@pytest.mark.usefixtures("_unread", "led")
def test_followers_that_do_not_come_to_the_end_are_waited_for_so_long(monkeypatch):
    monkeypatch.setattr(giving_way, "LONGEST", 0.05)
    started = time.monotonic()
    assert giving_way.give_way() is True
    assert time.monotonic() - started >= 0.05


@pytest.mark.usefixtures("_unread", "led")
def test_work_goes_on_once_they_have_read(monkeypatch):
    monkeypatch.setattr(giving_way, "LONGEST", 60.0)
    looks = []

    def looked():
        if len(looks) == 5:
            catch_up(clock.now())
        looks.append(unread_from())
        return looks[-1]

    monkeypatch.setattr(giving_way, "unread_from", looked)
    assert giving_way.give_way() is True
    assert len(looks) == 6
    assert looks[5] == EVERYTHING_READ


@pytest.mark.usefixtures("_unread", "led")
def test_what_is_recorded_meanwhile_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(giving_way, "LONGEST", 60.0)
    before = unread_from()
    monkeypatch.setattr(giving_way, "unread_from", lambda: before + 1)  # there is always something newer
    assert giving_way.give_way() is False
