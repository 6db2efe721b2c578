"""Home of a large company: nobody waits for a count; a worker counts what was asked for, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from contacts.models import Contact, Stage
from contacts.people.address import email_key
from crm.home import tally
from crm.home.models import Tally
from crm.home.tasks import count, sweep
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def woken(monkeypatch) -> list[int]:
    calls: list[int] = []
    monkeypatch.setattr(tally, "wake", lambda: calls.append(1))
    return calls


@pytest.fixture
def alice(db, monkeypatch, woken) -> User:
    monkeypatch.setattr(tally, "LARGE", -2)  # a table that was never analysed counts as -1
    return User.objects.create_user("alice@example.com", name="Alice", role=Role.MARKETER)


@pytest.fixture
def bob(alice) -> User:
    bob = User.objects.create_user("bob@example.com", name="Bob", role=Role.SALES_REP)
    stage = Stage.objects.filter(model__in_use=True).earliest("position")
    for address, owner in (("a@example.com", alice), ("b@example.com", bob), ("c@example.com", None)):
        Contact.objects.create(
            email=address, email_key=email_key(address), owner=owner, stage=stage, stage_since=NOW, created_at=NOW
        )
    return bob


def _people(user: User, now: datetime = NOW) -> int | None:
    numbers = tally.numbers_for(user, now).numbers
    return sum(row.people for row in numbers.stages) if numbers else None


def test_first_look_waits_for_nobody_and_the_worker_counts_each_scope(
    alice, bob, woken, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert (_people(alice), _people(bob)) == (None, None)
        assert _people(alice) is None  # asked for already
    assert len(woken) == 2
    assert tally.count_due(lambda: NOW) == 2
    assert tally.count_due(lambda: NOW) == 0
    assert (_people(alice), _people(bob)) == (3, 2)
    carol = User.objects.create_user("carol@example.com", name="Carol", role=Role.ANALYST)
    assert _people(carol) == 3


def test_old_numbers_are_shown_while_new_ones_are_counted(alice, bob):
    _people(alice)
    tally.count_due(lambda: NOW)
    Contact.objects.filter(owner=alice).update(merged_into=Contact.objects.get(owner=bob))
    soon, later = NOW + tally.FRESH, NOW + tally.FRESH + timedelta(seconds=1)
    assert (_people(alice, soon), tally.due()) == (3, [])
    told = tally.numbers_for(alice, later)
    assert (told.counted_at, told.is_awaited, tally.due()) == (NOW, True, ["all"])
    assert _people(alice, later) == 3
    tally.count_due(lambda: later)
    told = tally.numbers_for(alice, later)
    assert (_people(alice, later), told.counted_at, told.is_awaited) == (2, later, False)


def test_what_took_long_is_kept_long_and_a_lost_count_is_asked_for_again(alice, bob, woken):
    _people(alice)
    tally.count_due(lambda: NOW)
    Tally.objects.update(seconds=6)
    assert not tally.numbers_for(alice, NOW + timedelta(seconds=119)).is_awaited
    old = NOW + timedelta(seconds=121)
    assert tally.numbers_for(alice, old).is_awaited
    for at, asked in ((old + timedelta(minutes=59), old), (old + timedelta(minutes=61), old + timedelta(minutes=61))):
        tally.numbers_for(alice, at)
        assert Tally.objects.get().asked_at == asked


def test_numbers_of_a_former_role_are_thrown_away(alice, bob):
    _people(bob)
    User.objects.filter(pk=bob.pk).update(role=Role.ANALYST)
    assert tally.count_due(lambda: NOW) == 0
    assert not Tally.objects.exists()


def test_few_people_are_counted_at_once(alice, bob, monkeypatch):
    monkeypatch.setattr(tally, "LARGE", 20_000)
    assert (_people(bob), Tally.objects.count()) == (2, 0)


def test_page_says_that_it_is_counted_and_asks_again_until_it_is(client, alice, bob):
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert "Your people are being counted for the first time." in page
    assert 'hx-trigger="every 3s"' in page
    count()
    page = client.get("/").content.decode()
    assert "3 people, " in page
    assert "every 3s" not in page


def test_sweep_wakes_only_for_what_was_asked_for(alice, bob, woken):
    sweep()
    assert woken == []
    _people(alice)
    sweep()
    assert woken == [1]


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_one_thing_once(alice):
    tally.numbers_for(alice, NOW)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('home.tally all', 0))")
        other = connections.create_connection("default")
        connections["default"] = other
        try:
            assert tally.count_due(lambda: NOW) == 0
        finally:
            connections["default"] = cursor.db
            other.close()
    assert Tally.objects.get().counted_at is None
    assert tally.count_due(lambda: NOW) == 1


def test_numbers_of_an_older_version_are_counted_anew(alice, bob):
    _people(alice)
    tally.count_due(lambda: NOW)
    kept = Tally.objects.get()
    Tally.objects.update(value={**kept.value, "shape": 1})
    later = NOW + timedelta(seconds=1)
    assert (_people(alice, later), tally.due()) == (None, ["all"])
    tally.count_due(lambda: later)
    assert _people(alice, later) == 3
