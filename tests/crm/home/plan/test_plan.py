"""The planned map beside the real flow: exact words, flows and marks; who may read and who may write; two at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.campaign.models import Campaign
from contacts.people.address import email_key
from contacts.people.models import Contact
from contacts.stages.choice import stages_in_use
from contacts.stages.models import Stage
from contacts.stages.moving import move
from crm.home.models import StagePlan
from crm.home.plan import reading
from crm.team.models import Role, TrailEntry, User

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice@example.com", name="Alice", role=Role.MARKETER)


@pytest.fixture
def bob(alice) -> User:
    return User.objects.create_user("bob@example.com", name="Bob", role=Role.SALES_REP)


@pytest.fixture
def discover(alice) -> Stage:
    return stages_in_use()[0]


def _typed(**words: object) -> dict[str, object]:
    return {"team": "sales", "version": "0", "seen": "{}", **words}


def _walk(owner: User, *places: int, days: int = 3) -> int:
    address = f"p{Contact.objects.count()}@example.com"
    person = Contact.objects.create(email=address, email_key=email_key(address), owner=owner)
    stages = stages_in_use()
    for number, place in enumerate(places):
        at = NOW - timedelta(days=days, minutes=-number)
        move([person.pk], stages[place], cause="person", by=owner, now=at)
    return person.pk


def test_plan_is_written_shown_and_told_by_the_trail(client, alice, discover):
    client.force_login(alice)
    campaign = Campaign.objects.create(name="가을 소식")
    typed = _typed(experience="Answers in five minutes", roles=["buyer"], campaigns=[campaign.pk], first_touch="Fair")
    answer = client.post(f"/map/{discover.pk}/", typed)
    assert (answer.status_code, answer.url) == (302, f"/map/#stage-{discover.pk}")
    plan = StagePlan.objects.get()
    kept = (plan.stage_id, plan.roles, plan.campaigns, plan.first_touch, plan.version, plan.changed_by_id)
    assert kept == (discover.pk, ["buyer"], [campaign.pk], "Fair", 1, alice.pk)
    discover.refresh_from_db()
    assert discover.team == "sales"
    page = client.get("/map/").content.decode()
    for words in ("Answers in five minutes", "Fair", f'href="/campaigns/{campaign.pk}/"', "가을 소식"):
        assert words in page
    assert TrailEntry.objects.filter(kind="stage_plan", object_id=discover.pk, by=alice).exists()
    campaign.delete()
    assert "가을 소식" not in client.get("/map/").content.decode()


def test_plan_that_two_change_is_a_choice_and_nothing_is_overwritten(client, alice, discover):
    client.force_login(alice)
    client.post(f"/map/{discover.pk}/", _typed(experience="theirs"))
    answer = client.post(f"/map/{discover.pk}/", _typed(experience="mine"))
    assert answer.status_code == 409
    assert (StagePlan.objects.get().experience, StagePlan.objects.get().version) == ("theirs", 1)
    chosen = _typed(version="1", merge="1", experience="mine") | {"take-experience": "mine"}
    assert client.post(f"/map/{discover.pk}/", chosen).status_code == 302
    assert (StagePlan.objects.get().experience, StagePlan.objects.get().version) == ("mine", 2)


@pytest.mark.parametrize("wrong", [{"team": "x"}, {"roles": ["nobody"]}, {"campaigns": ["x"]}, {"templates": ["99"]}])
def test_wrong_plan_is_refused_and_nothing_is_written(client, alice, discover, wrong):
    client.force_login(alice)
    assert client.post(f"/map/{discover.pk}/", _typed(**wrong)).status_code == 400
    assert not StagePlan.objects.exists()


def test_rep_reads_the_plan_and_does_not_write_it(client, bob, discover):
    client.force_login(bob)
    page = client.get("/map/").content.decode()
    assert "Nothing is planned here yet" in page
    assert f"/map/{discover.pk}/" not in page
    assert client.post(f"/map/{discover.pk}/", _typed()).status_code == 403
    assert not StagePlan.objects.exists()


def test_real_flow_marks_what_the_plan_does_not_know(alice, bob):
    _walk(alice, 0, 1, 0)
    _walk(bob, 0, 1)
    _walk(alice, 2, 4)
    _walk(alice, 0, 1, days=60)
    found = {(f.origin, f.to): (f.people, f.kind) for f in reading.real_flows(alice, stages_in_use(), 30, NOW)}
    assert found == {
        (None, "Discover"): (2, "next"),
        ("Discover", "Educate"): (2, "next"),
        ("Educate", "Discover"): (1, "back"),
        (None, "Convert"): (1, "start"),
        ("Convert", "Advocate"): (1, "jump"),
    }
    of_bob = [(f.origin, f.to, f.people) for f in reading.real_flows(bob, stages_in_use(), 30, NOW)]
    assert of_bob == [(None, "Discover", 1), ("Discover", "Educate", 1)]
    wider = {(f.origin, f.to): f.people for f in reading.real_flows(alice, stages_in_use(), 90, NOW)}
    assert wider["Discover", "Educate"] == 3


def test_flow_opens_its_people_and_is_a_file(client, alice, monkeypatch):
    for _number in range(2):
        _walk(alice, 0, 1)
    monkeypatch.setattr("crm.kit.clock.now", lambda: NOW)
    client.force_login(alice)
    for flow in reading.real_flows(alice, stages_in_use(), 90, NOW):
        assert client.get(flow.url).content.decode().count('<th scope="row"') == flow.people == 2
    lines = client.get("/map/flow.csv", {"days": "30"}).content.decode("utf-8-sig").splitlines()
    assert lines == ["From,To,People", "No stage,Discover,2", "Discover,Educate,2"]


@pytest.mark.parametrize("days", ["7", "x", "", "90 "])
def test_stretch_that_is_not_offered_is_told(client, alice, days):
    client.force_login(alice)
    for path in ("/map/", "/map/flow.csv"):
        assert client.get(path, {"days": days}).status_code == 400


def test_page_costs_the_same_with_a_full_plan(client, alice, discover):
    client.force_login(alice)
    client.get("/map/")
    campaign = Campaign.objects.create(name="x")
    for stage in stages_in_use():
        client.post(f"/map/{stage.pk}/", _typed(experience="x", campaigns=[campaign.pk], roles=["buyer"]))
    _walk(alice, 0, 1)
    with CaptureQueriesContext(connection) as asked:
        client.get("/map/")
    assert len(asked) <= 15
