"""The editor's doors: who may open them, what they answer, what they refuse."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.kit.clock import now
from crm.team.models import Role, User
from journeys.journey import editing
from journeys.journey.models import Journey, JourneyState
from tests.journeys.drawings import drawing, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_kinds")]
PARTS = (
    "change",
    "draft",
    "pulse",
    "theirs",
    "copy",
    "panel",
    "layout",
    "name",
    "publish",
    "act",
    "versions",
    "export",
    "import",
)


@pytest.fixture
def journey(mina: User) -> Journey:
    return editing.create("Welcome", by=mina, now=now())


@pytest.fixture
def at(client, mina, journey):
    """Post JSON to a door of the journey as Mina; returns the answer."""
    client.force_login(mina)

    def post(part: str, body) -> object:
        place = reverse(f"admin:journeys_journey_{part}", args=[journey.pk])
        return client.post(place, json.dumps(body), content_type="application/json")

    return post


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SALES_REP, Role.CUSTOMER_SUCCESS])
def test_only_who_may_draw_comes_in(client, journey, role):
    client.force_login(User.objects.create_user("x@example.com", name="X", role=role))
    places = [reverse(f"admin:journeys_journey_{part}", args=[journey.pk]) for part in PARTS]
    for place in [*places, reverse("admin:journeys_journey_add"), reverse("admin:journeys_journey_rule")]:
        assert client.get(place).status_code in (302, 403), place
        assert client.post(place).status_code in (302, 403), place
    journey.refresh_from_db()
    assert journey.version == 1


def test_list_and_canvas_open_for_marketer_and_admin(client, mina, journey):
    for user in (mina, User.objects.create_user("a@example.com", name="A", role=Role.ADMIN)):
        client.force_login(user)
        assert "Welcome" in client.get(reverse("admin:journeys_journey_changelist")).content.decode()
        page = client.get(reverse("admin:journeys_journey_change", args=[journey.pk]))
        assert page.status_code == 200
        assert page.context["canvas"]["version"] == 1
        assert [lane["key"] for lane in page.context["canvas"]["lanes"]][-1] == ""


def test_new_journey_is_made_and_opened(client, mina):
    client.force_login(mina)
    place = reverse("admin:journeys_journey_add")
    made = client.post(place, {"name": "Win back", "description": ""})
    assert made.headers["Location"] == reverse("admin:journeys_journey_change", args=[Journey.objects.get().pk])
    again = client.post(place, {"name": "WIN BACK"})
    assert (again.status_code, Journey.objects.count()) == (400, 1)


def test_draft_is_saved_and_the_canvas_is_told(at, journey):
    answer = at("draft", {"version": 1, "graph": drawing(step("a"), step("b", "test_choice"), links="a>b")})
    assert answer.status_code == 200
    found = answer.json()
    assert found["version"] == 2
    assert found["cards"]["a"] == {
        "label": "Do", "icon": "bolt", "shelf": "person", "said": "Does good",
        "outlets": [{"key": "next", "label": "then"}], "mail": None,
    }  # fmt: skip
    assert [outlet["key"] for outlet in found["cards"]["b"]["outlets"]] == ["way1", "rest"]
    assert found["triggers"] == {"hand": {"label": "By hand", "icon": "hand-finger", "said": "By hand"}}
    assert [(p["code"], p["at"]) for p in found["problems"]] == [("open_outlet", "b"), ("open_outlet", "b")]


def test_stale_draft_is_refused_with_who_was_quicker(at, journey):
    at("draft", {"version": 1, "graph": drawing(step("a"))})
    answer = at("draft", {"version": 1, "graph": drawing(step("b"))})
    assert (answer.status_code, answer.json()["version"], answer.json()["by"]) == (409, 2, "Mina")
    journey.refresh_from_db()
    assert [one["key"] for one in journey.draft["steps"]] == ["a"]
    assert answer.json()["stale"].startswith("You have changed this journey in another window")
    Journey.objects.update(changed_by=User.objects.create_user("bo@example.com", name="Bo"))
    again = at("draft", {"version": 1, "graph": drawing(step("b"))})
    assert again.json()["stale"].startswith("Bo has changed this journey")


def test_an_archived_journey_is_looked_at_and_copied_but_not_changed(client, at, journey):
    Journey.objects.filter(pk=journey.pk).update(state=JourneyState.ARCHIVED)
    opened = client.get(reverse("admin:journeys_journey_change", args=[journey.pk]), follow=True)
    page = opened.content.decode()
    assert opened.redirect_chain == [(reverse("journeys:journey", args=[journey.pk]), 302)]
    assert "it can be looked at and copied" in page
    assert 'name="act" value="clone"' in page
    assert reverse("admin:journeys_journey_change", args=[journey.pk]) not in page
    assert at("draft", {"version": 1, "graph": drawing(step("a"))}).status_code == 400


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"version": "1"}, {"version": 1}, {"version": 1, "graph": {"version": 1, "steps": 7}}]
)
def test_what_is_no_drawing_is_a_400_with_words(at, journey, body):
    answer = at("draft", body)
    assert answer.status_code == 400
    assert answer.json()["problems"][0]["message"]
    journey.refresh_from_db()
    assert journey.version == 1


def test_panel_draws_and_reads_the_form_of_a_step(at):
    opened = at("panel", {"what": "step", "kind": "test_pause", "settings": {"days": 3}}).json()
    assert opened["ok"]
    assert 'value="3"' in opened["html"]
    typed = at("panel", {"what": "step", "kind": "test_pause", "typed": "days=5"}).json()
    assert (typed["settings"], typed["card"]["said"]) == ({"days": 5}, "Waits 5 days")
    wrong = at("panel", {"what": "step", "kind": "test_pause", "typed": "days=0"}).json()
    assert (wrong["ok"], wrong["settings"], wrong["card"]["said"]) == (False, {"days": "0"}, "Pause")
    assert "greater than or equal to 1" in wrong["html"]
    assert at("panel", {"what": "step", "kind": "nothing"}).status_code == 400


def test_panel_of_the_journey_reads_its_rules(at):
    found = at("panel", {"what": "rules", "typed": "again=after&again_days=30&hold_out=10"}).json()
    assert found["ok"]
    assert found["settings"] == {
        "entry": None, "again": "after", "again_days": 30, "exit": None, "left_segment": None, "unsubscribed": False,
        "goal": None, "goal_days": 14, "goal_ends": False, "hold_out": 10,
    }  # fmt: skip
    saved = at("draft", {"version": 1, "graph": drawing(step("a"), rules=found["settings"])})
    assert saved.status_code == 200


def test_copy_keeps_what_could_not_be_saved(at, journey):
    answer = at("copy", {"graph": drawing(step("mine"))})
    made = Journey.objects.exclude(pk=journey.pk).get()
    assert answer.json() == {"url": reverse("admin:journeys_journey_change", args=[made.pk])}
    assert (made.name, made.draft["steps"][0]["key"]) == ("Copy of Welcome", "mine")


def test_layout_is_answered_and_not_saved(at, journey):
    answer = at("layout", {"graph": drawing(step("a", row=5), step("b"), links="a>b")})
    assert [(one["key"], one["row"]) for one in answer.json()["graph"]["steps"]] == [("a", 0), ("b", 1)]
    journey.refresh_from_db()
    assert journey.draft["steps"] == []


def test_name_is_changed_and_a_taken_one_is_said(client, mina, journey):
    editing.create("Taken", by=mina, now=now())
    client.force_login(mina)
    place = reverse("admin:journeys_journey_name", args=[journey.pk])
    client.post(place, {"name": "Hello", "description": "Why"})
    journey.refresh_from_db()
    assert (journey.name, journey.description) == ("Hello", "Why")
    answer = client.post(place, {"name": "taken"}, follow=True)
    assert "already in use" in answer.content.decode()
    journey.refresh_from_db()
    assert journey.name == "Hello"


def test_rule_is_opened_checked_and_handed_over(client, mina):
    client.force_login(mina)
    place = reverse("admin:journeys_journey_rule")
    opened = client.post(place, {"definition": "", "open": "1"})
    assert opened.status_code == 200
    assert opened.headers["X-Frame-Options"] == "SAMEORIGIN"
    definition = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is_any_of", "value": ["Seoul"]}]}}
    written = client.post(place, {"definition": json.dumps(definition)})
    assert json.loads(written.context["written"]["definition"]) == definition
    wrong = client.post(place, {"definition": "{"})
    assert wrong.status_code == 400


def test_stored_drawing_that_cannot_be_read_is_told_at_every_door_and_kept(client, mina, journey):
    Journey.objects.filter(pk=journey.pk).update(draft={"version": 7})
    client.force_login(mina)
    for part, status in (("change", 200), ("theirs", 400), ("publish", 400), ("export", 400), ("versions", 200)):
        answer = client.get(reverse(f"admin:journeys_journey_{part}", args=[journey.pk]))
        assert answer.status_code == status, part
    journey.refresh_from_db()
    assert journey.draft == {"version": 7}


def test_list_costs_the_same_for_one_and_for_three(client, mina, journey, django_assert_num_queries):
    client.force_login(mina)
    place = reverse("admin:journeys_journey_changelist")
    client.get(place)
    with CaptureQueriesContext(connection) as one:
        client.get(place)
    for name in ("Second", "Third"):
        editing.create(name, by=mina, now=now())
    with django_assert_num_queries(len(one)):
        client.get(place)
