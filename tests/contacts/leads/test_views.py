"""The rep's pages: who stands where, one tap, one winner, nothing on a refusal."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from contacts.leads import views
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.models import ConsentState, Contact, Event, FollowUp
from contacts.people.ownership import assign
from contacts.scoring.heat import default_model
from crm.kit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(now):
    """It is noon in Seoul, so that today and yesterday are the same days on every run."""
    with time_machine.travel(now, tick=False) as clock_hand:
        yield clock_hand


def happened(contact, *kinds, ago=timedelta(minutes=5), **properties):
    now = clock.now()
    append([NewEvent(contact.pk, kind, now - ago, properties=properties) for kind in kinds], source="t", now=now)
    catch_up(now)


@pytest.fixture
def hot(crowd):
    """Kim of Rob is hot by an order, pricing and forms; Park of nobody is hot too; Lee of Rita is cool."""
    happened(crowd.kim, "order.placed", "form.submitted", "form.submitted", path="/pricing")
    happened(crowd.kim, "page.viewed", "page.viewed", ago=timedelta(days=1), path="/pricing")
    happened(crowd.park, "order.placed", "order.placed", "form.submitted", "form.submitted")
    happened(crowd.lee, "page.viewed", path="/")
    return crowd


def names(response):
    return [lead.contact.name for lead in response.context["page"].rows]


def test_my_leads_come_by_heat_with_dated_reasons(client, hot, team):
    assign([hot.lee.pk], team.rob, by=team.alice, now=clock.now())
    client.force_login(team.rob)
    response = client.get("/leads/")
    assert names(response) == ["김철수", "이영희"]
    kim = response.context["page"].rows[0]
    assert kim.warmth.heat == "hot"
    assert kim.said == [
        "Filled in a form 2 times, last today",
        "Ordered, today",
        "Viewed pricing 2 times, last yesterday",
    ]
    assert kim.waiting_since is not None
    assert 'href="tel:+821012345678"' in response.content.decode()


def test_a_page_costs_the_same_for_one_and_three_leads(client, hot, team, django_assert_max_num_queries, person):
    client.force_login(team.rob)
    with django_assert_max_num_queries(15) as one:
        client.get("/leads/")
    for n in range(2):
        happened(person(team.rob, name=f"N{n}"), "form.submitted")
    with django_assert_max_num_queries(15) as three:
        assert len(names(client.get("/leads/"))) == 3
    assert len(one) == len(three)


@pytest.mark.parametrize("outcome", ["answered", "no_answer", "not_now", "later"])
def test_one_tap_is_one_event(client, hot, team, outcome):
    client.force_login(team.rob)
    later = timezone.localdate() + timedelta(days=3)
    data = {"token": uuid4(), "outcome": outcome, "due_on": later.isoformat() if outcome == "later" else ""}
    for _ in range(2):
        assert client.post(f"/leads/{hot.kim.pk}/outcome/", data).status_code == 302
    [event] = Event.objects.filter(kind__key="call.logged")
    assert event.properties["outcome"] == outcome
    assert event.properties["by"] == team.rob.pk
    follow_up = FollowUp.objects.get()
    assert (follow_up.outcome, follow_up.due_on) == (outcome, later if outcome == "later" else None)
    assert ("김철수" in names(client.get("/leads/"))) is (outcome in ("answered", "no_answer"))
    assert ("김철수" in names(client.get("/leads/later/"))) is (outcome == "later")


def test_not_now_holds_until_something_new_happens(client, hot, team, noon):
    client.force_login(team.rob)
    client.post(f"/leads/{hot.kim.pk}/outcome/", {"token": uuid4(), "outcome": "not_now"})
    assert names(client.get("/leads/")) == []
    noon.shift(timedelta(hours=1))
    happened(hot.kim, "order.placed")
    assert names(client.get("/leads/")) == ["김철수"]


def test_hot_leads_are_uncalled_until_called_and_again_when_they_become_hot_anew(client, hot, team, noon):
    client.force_login(team.rob)
    assert names(client.get("/leads/?only=uncalled")) == ["김철수"]
    noon.shift(timedelta(hours=1))
    client.post(f"/leads/{hot.kim.pk}/outcome/", {"token": uuid4(), "outcome": "answered"})
    catch_up(clock.now())
    assert names(client.get("/leads/?only=uncalled")) == []
    assert "You have reached everybody" in client.get("/leads/?only=uncalled").content.decode()
    noon.shift(timedelta(hours=1))
    happened(hot.kim, "lead.hot")
    assert names(client.get("/leads/?only=uncalled")) == ["김철수"]


def test_promises_due_are_shown_also_of_people_without_points(client, hot, team, noon, person):
    cold = person(team.rob, name="Cold")
    for one, days in ((cold, 0), (hot.kim, 1)):
        day = timezone.localdate(clock.now()) + timedelta(days=days)
        FollowUp.objects.create(contact=one, outcome="later", at=clock.now(), due_on=day)
    client.force_login(team.rob)
    assert names(client.get("/leads/?only=due")) == ["Cold"]
    noon.shift(timedelta(days=1))
    assert names(client.get("/leads/?only=due")) == ["김철수", "Cold"]
    assert names(client.get("/leads/later/?only=due")) == []


@pytest.mark.parametrize(
    "data", [{"outcome": "later"}, {"outcome": "later", "due_on": "2020-01-01"}, {"outcome": "maybe"}, {}]
)
def test_a_wrong_outcome_changes_nothing(client, hot, team, data):
    client.force_login(team.rob)
    response = client.post(f"/leads/{hot.kim.pk}/outcome/", {"token": uuid4(), **data}, headers={"HX-Request": "true"})
    assert response.status_code in (400, 422)
    assert not FollowUp.objects.exists()
    assert not Event.objects.filter(kind__key="call.logged").exists()


def test_of_two_who_take_one_wins(client, hot, team):
    client.force_login(team.rita)
    assert names(client.get("/leads/unowned/")) == ["Emma Park"]
    client.post(f"/leads/{hot.park.pk}/take/")
    client.force_login(team.rob)
    assert client.post(f"/leads/{hot.park.pk}/take/").status_code == 404  # no longer hers to see
    hot.park.refresh_from_db()
    assert hot.park.owner == team.rita
    assert Event.objects.filter(kind__key="owner.changed", contact_id=hot.park.pk).count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 200), ("mina", 200), ("rob", 200), ("cleo", 200), ("ana", 403)],
)
def test_who_may_open_the_list(client, team, who, status):
    client.force_login(getattr(team, who))
    for path in ("/leads/", "/leads/unowned/", "/leads/later/"):
        assert client.get(path).status_code == status


def test_another_reps_lead_is_out_of_reach(client, hot, team):
    client.force_login(team.rita)
    assert client.post(f"/leads/{hot.kim.pk}/outcome/", {"token": uuid4(), "outcome": "answered"}).status_code == 404
    assert not FollowUp.objects.exists()


def test_quick_add_keeps_consent_with_its_proof_and_makes_one(client, team):
    client.force_login(team.rob)
    data = {
        "token": uuid4(), "name": "박지성", "email": "js@park.example.com", "phone": "010 2222 3333",
        "marketing": "on", "said": "네, 보내 주세요 (코엑스)",
    }  # fmt: skip
    assert client.post("/leads/add/", data).status_code == 302
    assert client.post("/leads/add/", data).status_code == 302
    contact = Contact.objects.get(email="js@park.example.com")
    assert (contact.owner, contact.phone) == (team.rob, "+821022223333")
    state = ConsentState.objects.get(contact=contact, purpose="marketing", channel="email")
    assert (state.decision, state.entry.wording) == ("granted", "네, 보내 주세요 (코엑스)")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "A"}, "phone"),
        ({"name": "A\r\nBcc: x", "phone": "01022223333"}, "name"),
        ({"name": "A", "email": "a@b.example.com", "marketing": "on"}, "said"),
        ({"name": "A", "phone": "01022223333", "marketing": "on", "said": "yes"}, "email"),
        ({"name": "A", "email": "not an address"}, "email"),
        ({"name": "A", "email": "yh.lee@nuri.example.com"}, "email"),
    ],
)
def test_quick_add_refuses_and_keeps_what_was_typed(client, crowd, team, data, field):
    before = Contact.objects.count()
    client.force_login(team.rob)
    response = client.post("/leads/add/", {"token": uuid4(), **data})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert response.context["form"]["name"].value() == data["name"]
    assert Contact.objects.count() == before


def test_hot_means_the_models_threshold(client, hot, team):
    client.force_login(team.mina)
    assert client.get("/settings/scores/").context["hot"] == 2
    model = default_model()
    data = {"half_life": 14, "warm_at": 20, "hot_at": 500, "account_by": model.account_by, "version": model.version}
    assert client.post("/settings/scores/model/", data).status_code == 302
    catch_up(clock.now())
    assert client.get("/settings/scores/").context["hot"] == 0
    stale = client.post("/settings/scores/model/", data | {"hot_at": 30})
    assert stale.status_code == 409
    assert default_model().hot_at == 500


def test_tabs_count_up_to_a_limit(client, hot, team, monkeypatch):
    assign([hot.lee.pk], team.rob, by=team.alice, now=clock.now())
    monkeypatch.setattr(views, "MANY", 1)
    client.force_login(team.rob)
    answer = client.get("/leads/")
    assert [(tab["count"], tab["more"]) for tab in answer.context["tabs"]] == [(1, True), (1, False), (0, False)]
    assert '<span class="wf-badge">1+</span>' in answer.content.decode()
