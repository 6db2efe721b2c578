"""The lifecycle map: exact counts by stage, of the people the reader may see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.stages.models import Stage
from crm.home import lifecycle
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=60), NOW - timedelta(days=2)


@pytest.fixture
def bob(db) -> User:
    cache.clear()
    return User.objects.create_user("bob@example.com", name="Bob", role=Role.SALES_REP)


@pytest.fixture
def alice(bob) -> User:
    return User.objects.create_user("alice@example.com", name="Alice", role=Role.MARKETER)


@pytest.fixture
def stages(bob) -> dict[str, Stage]:
    return {stage.key: stage for stage in Stage.objects.filter(model__in_use=True)}


def _person(n: int, stage: Stage | None, *, since=OLD, created=OLD, owner=None, merged=None) -> Contact:
    address = f"p{n}@example.com"
    return Contact.objects.create(
        email=address,
        email_key=email_key(address),
        stage=stage,
        stage_since=since,
        created_at=created,
        owner=owner,
        merged_into=merged,
    )


@pytest.fixture
def people(stages, alice, bob) -> None:
    first = _person(1, stages["discover"], since=FRESH, created=FRESH, owner=bob)
    _person(2, stages["discover"], owner=alice)
    _person(3, stages["convert"], since=FRESH)
    _person(4, None)
    _person(5, stages["convert"], merged=first)


def _seen(user: User) -> tuple:
    found = lifecycle.map_for(user, NOW)
    return [(c.label, c.people, c.came) for c in found.columns], found.unplaced, found.total, found.new


def test_counts_of_everybody(people, alice):
    columns = [("Discover", 2, 1), ("Educate", 0, 0), ("Convert", 1, 1), ("Retain", 0, 0), ("Advocate", 0, 0)]
    assert _seen(alice) == (columns, 1, 4, 1)


def test_rep_counts_her_own_and_unowned_people_only(people, bob):
    columns = [("Discover", 1, 1), ("Educate", 0, 0), ("Convert", 1, 1), ("Retain", 0, 0), ("Advocate", 0, 0)]
    assert _seen(bob) == (columns, 1, 3, 1)


def test_columns_lead_to_their_people(client, people, alice):
    client.force_login(alice)
    for column in lifecycle.map_for(alice, NOW).columns:
        page = client.get(column.url).content.decode()
        assert page.count('<th scope="row"') == column.people


def test_empty_company_is_told_what_to_do(client, alice):
    client.force_login(alice)
    html = client.get("/").content.decode()
    assert "Where your people stand" in html
    assert "Bring in your people" in html


def test_home_costs_the_same_with_many_people(client, people, alice, django_assert_max_num_queries):
    client.force_login(alice)
    with django_assert_max_num_queries(10):
        client.get("/")


def test_slow_counts_are_kept_for_a_while_and_apart_for_each_scope(people, alice, bob, monkeypatch):
    monkeypatch.setattr(lifecycle, "SLOW_SECONDS", 0)
    monkeypatch.setattr(lifecycle, "KEEP", 10_000)
    before = _seen(alice), _seen(bob)
    Contact.objects.update(stage=None)
    assert (_seen(alice), _seen(bob)) == before
    cache.clear()
    assert _seen(alice)[1] == 4
