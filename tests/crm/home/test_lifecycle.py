"""The lifecycle map: exact counts by stage, of the people the reader may see."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import move
from crm.home import lifecycle, moves
from crm.team.models import Role, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=60), NOW - timedelta(days=2)


@pytest.fixture
def bob(db) -> User:
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


def _map(user: User) -> lifecycle.LifecycleMap:
    people = Contact.objects.visible_to(user)
    return lifecycle.map_of(lifecycle.counts(people, NOW), moves.counted(people, NOW)[1], {}, stages_in_use())


def _seen(user: User) -> tuple:
    found = _map(user)
    return [(c.label, c.people) for c in found.columns], found.unplaced, found.total, found.new


def test_counts_of_everybody(people, alice):
    columns = [("Discover", 2), ("Educate", 0), ("Convert", 1), ("Retain", 0), ("Advocate", 0)]
    assert _seen(alice) == (columns, 1, 4, 1)


def test_rep_counts_her_own_and_unowned_people_only(people, bob):
    columns = [("Discover", 1), ("Educate", 0), ("Convert", 1), ("Retain", 0), ("Advocate", 0)]
    assert _seen(bob) == (columns, 1, 3, 1)


def test_columns_lead_to_their_people(client, people, alice):
    client.force_login(alice)
    for column in _map(alice).columns:
        page = client.get(column.url).content.decode()
        assert page.count('<th scope="row"') == column.people


def test_empty_company_is_told_what_to_do(client, alice):
    client.force_login(alice)
    html = client.get("/").content.decode()
    assert "Where your people stand" in html
    assert "Bring in your people" in html


def test_home_costs_the_same_with_many_people(client, people, alice, django_assert_max_num_queries):
    client.force_login(alice)
    with django_assert_max_num_queries(15):
        client.get("/")


def _flows(user: User) -> set[tuple]:
    rows, _turnover = moves.counted(Contact.objects.visible_to(user), NOW)
    return {(flow.origin, flow.to, flow.people, flow.is_backward) for flow in moves.flows(rows, stages_in_use())}


def test_flows_of_the_week_count_people_once_and_not_changes_of_the_model(people, stages, alice, bob):
    mine, others, unowned, nowhere = Contact.objects.filter(merged_into=None).order_by("pk")
    move([mine.pk, others.pk], stages["educate"], cause="person", by=alice, now=NOW - timedelta(days=3))
    move([others.pk], stages["discover"], cause="person", by=alice, now=NOW - timedelta(days=2))
    move([others.pk], stages["educate"], cause="person", by=alice, now=NOW - timedelta(days=1))
    move([nowhere.pk], stages["retain"], cause="person", by=alice, now=NOW - timedelta(hours=1))
    move([unowned.pk], stages["retain"], cause="model", by=alice, now=NOW - timedelta(hours=1))
    move([unowned.pk], stages["advocate"], cause="person", by=alice, now=NOW - timedelta(days=8))
    everything = {
        ("Discover", "Educate", 2, False),
        ("Educate", "Discover", 1, True),
        (None, "Retain", 1, False),
    }
    assert _flows(alice) == everything
    assert _flows(bob) == {("Discover", "Educate", 1, False), (None, "Retain", 1, False)}
    of_bob, of_all = (moves.newest(user, stages_in_use(), NOW) for user in (bob, alice))
    assert [found.to for found in of_bob] == ["Retain", "Educate"]
    assert [found.at for found in of_all][:2] == [NOW - timedelta(hours=1), NOW - timedelta(days=1)]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_moves_of_a_week_open_exactly_their_people(request, client, people, stages, alice, bob, who, monkeypatch):
    reader = request.getfixturevalue(who)
    mine, others, unowned, nowhere = Contact.objects.filter(merged_into=None).order_by("pk")
    for number, (person, stage) in enumerate(
        [(mine, "educate"), (others, "educate"), (others, "discover"), (others, "educate"), (unowned, "retain")]
    ):
        move([person.pk], stages[stage], cause="person", by=alice, now=NOW - timedelta(days=5, minutes=-number))
    move([nowhere.pk], stages["educate"], cause="person", by=alice, now=NOW - timedelta(days=8))
    monkeypatch.setattr("crm.kit.clock.now", lambda: NOW)
    client.force_login(reader)
    seen = {}
    for column in _map(reader).columns:
        for number, url in ((column.came, column.came_url), (column.went, column.went_url)):
            assert client.get(url).content.decode().count('<th scope="row"') == number, url
        seen[column.label] = (column.came, column.went)
    mine_only = who == "bob"
    assert seen["Educate"] == ((1, 0) if mine_only else (2, 1))
    assert seen["Discover"] == ((0, 1) if mine_only else (1, 2))
    assert (seen["Convert"], seen["Retain"]) == ((0, 1), (1, 0))
