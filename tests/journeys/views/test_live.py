"""The pages of journeys: who may open them, what they cost, and that the canvas gets its numbers."""

import pytest
from django.urls import reverse

from crm.home.needs import needs_of
from journeys.engine import leaving
from journeys.journey import editing
from journeys.journey.models import Journey, JourneyState, JourneyStep
from tests.journeys.living import graph, live, step

pytestmark = pytest.mark.django_db
VIEWERS = ("alice", "mina", "cleo", "ana")


def place(name, world):
    return reverse(f"journeys:{name}", args=[] if name == "journeys" else [world.journey.pk])


@pytest.mark.parametrize("name", ["journeys", "journey", "journey-numbers"])
def test_who_may_look(world, team, as_, client, name):
    assert client.get(place(name, world)).status_code == 302
    for key, user in vars(team).items():
        assert as_(user).get(place(name, world)).status_code == (200 if key in VIEWERS else 403), key


def test_list_tells_what_each_journey_does(world, team, as_):
    page = as_(team.ana).get(place("journeys", world))
    [row] = page.context["page"].rows
    assert (row.inside, row.entered, row.converted, row.sent) == (6, 6, 1, 5)
    assert f'href="/people/?journey={world.journey.pk}%3A%3Ainside"' in page.content.decode()


def test_list_costs_the_same_for_one_and_for_three(world, team, as_, django_assert_num_queries):
    client = as_(team.mina)
    client.get(place("journeys", world))
    with django_assert_num_queries(10):
        client.get(place("journeys", world))
    for name in ("Second", "Third"):
        live(graph(step("a", "t_note")), now=world.began, name=name)
    with django_assert_num_queries(10):
        client.get(place("journeys", world))


def test_list_finds_by_name_and_state_and_hides_the_archived(world, team, as_):
    Journey.objects.create(name="Old", draft={}, state=JourneyState.ARCHIVED)
    Journey.objects.create(name="Plan", draft={})

    def names(query):
        return [row.journey.name for row in as_(team.mina).get(f"/journeys/?{query}").context["page"].rows]

    assert sorted(names("")) == ["Plan", "Welcome"]
    assert names("state=archived") == ["Old"]
    assert names("q=wel") == ["Welcome"]
    assert names("q=nothing") == []


def test_empty_list_teaches_and_offers_only_what_one_may_do(team, as_):
    assert "/admin/journeys/journey/add/" in as_(team.mina).get("/journeys/").content.decode()
    analyst = as_(team.ana).get("/journeys/").content.decode()
    assert "No journeys yet" in analyst
    assert "/admin/" not in analyst.partition("<main")[2].partition("</main")[0]


def test_numbers_are_those_of_the_page(world, team, as_):
    page = as_(team.ana).get(place("journey", world))
    found = as_(team.ana).get(place("journey-numbers", world)).json()
    assert found["steps"] == page.context["figures"]["steps"]
    badges = {badge["icon"]: (badge["n"], badge["url"]) for badge in found["steps"]["mail"]["badges"]}
    assert badges["mail-opened"] == (2, f"/people/?journey={world.journey.pk}%3Amail%3Aopened%3A30")
    assert {icon: n for icon, (n, _url) in badges.items()} == {
        "check": 6, "mail": 5, "mail-opened": 2, "click": 1, "mail-off": 1
    }  # fmt: skip
    assert found["entered"]["n"] == 6
    assert "Mail sent" in found["table"]


def test_time_and_version_are_chosen_in_the_address(world, team, as_):
    client = as_(team.mina)
    assert client.get(place("journey-numbers", world) + "?days=1").json()["steps"]["mail"]["badges"] == []
    assert client.get(place("journey-numbers", world) + "?version=1").json()["entered"]["n"] == 6
    for query in ("days=8", "version=2", "version=x", "version=-1"):
        assert client.get(place("journey", world) + "?" + query).status_code == 404, query


def test_held_step_says_why(world, team, as_):
    JourneyStep.objects.filter(key="care").update(problem="The segment is gone.")
    page = as_(team.ana).get(place("journey", world))
    assert [one["why"] for one in page.context["figures"]["steps"]["care"]["held"]] == ["The segment is gone."]
    assert "The segment is gone." in page.content.decode()


def test_journey_that_never_ran_shows_its_draft(team, as_, now):
    made = editing.create("Draft", by=team.mina, now=now)
    page = as_(team.ana).get(reverse("journeys:journey", args=[made.pk]))
    assert page.status_code == 200
    assert page.context["rows"] == []
    assert as_(team.ana).get("/journeys/99999/").status_code == 404


def test_readers_are_offered_no_way_to_change(world, team, as_):
    def offered(user):
        return as_(user).get(place("journey", world)).content.decode().partition("<main")[2].partition("</header>")[0]

    assert "/admin/" not in offered(team.ana)
    assert f"/admin/journeys/journey/{world.journey.pk}/change/" in offered(team.mina)


def test_acts_change_the_state_for_editors_alone(world, team, as_):
    def act(verb):
        return reverse("journeys:journey-act", args=[world.journey.pk, verb])

    for key in ("cleo", "ana", "rob"):
        assert as_(getattr(team, key)).post(act("pause")).status_code == 403
    client = as_(team.mina)
    assert client.get(act("pause")).status_code == 405
    assert client.post(act("nonsense")).status_code == 404
    states = []
    for verb in ("pause", "finish", "resume", "finish"):
        client.post(act(verb))
        world.journey.refresh_from_db()
        states.append(world.journey.state)
    assert states == ["paused", "paused", "running", "finishing"]  # who is paused cannot be let finish


def test_what_cannot_be_done_is_tried_again_and_said_on_home(world, team, as_, now):
    from journeys.engine.models import Enrolment
    from tests.journeys.living import run

    needed = f"/journeys/{world.journey.pk}/"
    assert needed in [need.url for need in needs_of(team.mina, now)]
    assert needed not in [need.url for need in needs_of(team.ana, now)]
    world.people[3].refresh_from_db()
    type(world.people[3]).objects.filter(pk=world.people[3].pk).update(name="Well")
    as_(team.mina).post(reverse("journeys:journey-act", args=[world.journey.pk, "again"]))
    run(now)
    assert Enrolment.objects.get(contact_id=world.people[3].pk).step.key == "wait"
    assert needed not in [need.url for need in needs_of(team.mina, now)]


def test_one_persons_way_is_marked_for_who_may_see_her(world, team, as_):
    person = world.people[0]
    page = as_(team.mina).get(place("journey", world), {"person": str(person.pk), "version": "1"})
    walked = page.context["walked"]
    assert walked.stored() == {
        "name": person.display_name,
        "url": walked.url,
        "steps": ("mail", "care", "wait"),
        "links": (("", "start"), ("mail", "next"), ("care", "next")),
        "here": "wait",
    }
    assert walked.url.startswith(reverse("journeys:person", args=[person.pk]) + "#way-")
    assert 'id="journey-walked"' in page.content.decode()
    leaving.remove(world.journey.pk, [world.people[2].pk], now=world.began)
    out = as_(team.mina).get(place("journey", world), {"person": str(world.people[2].pk)}).context["walked"]
    assert out.here == ""
    for nobody in ("", "x", "0", "9" * 30, "²"):
        assert as_(team.mina).get(place("journey", world), {"person": nobody}).context["walked"] is None
