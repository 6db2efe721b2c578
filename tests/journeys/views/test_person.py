"""One person in her journeys: who may look and act, and what each act does."""

import pytest
from django.urls import reverse

from journeys.engine.models import Enrolment, StartRequest
from journeys.graph.graph import Trigger
from tests.journeys.living import graph, live, run, step

pytestmark = pytest.mark.django_db
VIEWERS, EDITORS = ("alice", "mina", "cleo", "ana"), ("alice", "mina")


@pytest.fixture
def by_hand(world, now):
    return live(
        graph(step("wait", "t_wait", seconds=60), triggers=[Trigger("hand", "by_hand", {})]), now=now, name="By hand"
    )


def at(name, world, *more, who=0):
    return reverse(f"journeys:{name}", args=[world.people[who].pk, *more])


def test_who_may_look_and_who_may_act(world, by_hand, team, as_, client):
    one = Enrolment.objects.get(contact_id=world.people[0].pk)
    assert client.get(at("person", world)).status_code == 302
    for key, user in vars(team).items():
        assert as_(user).get(at("person", world)).status_code == (200 if key in VIEWERS else 403), key
        for place in (at("person-start", world), at("person-guide", world, one.pk, "nonsense")):
            answer = as_(user).post(place)
            assert (answer.status_code == 403) == (key not in EDITORS), (key, place)
            assert as_(user).get(place).status_code == 405
    assert StartRequest.objects.count() == 0
    assert Enrolment.objects.filter(ended_at=None).count() == 6


def test_page_tells_her_way_and_offers_acts_only_to_editors(world, by_hand, team, as_):
    html = as_(team.mina).get(at("person", world)).content.decode()
    assert "Welcome" in html
    assert "Go on now" in html
    assert "By hand" in html
    seen = as_(team.ana).get(at("person", world)).content.decode()
    assert "Welcome" in seen
    assert "Go on now" not in seen
    assert "<form" not in seen.partition("<main")[2].partition("</main")[0]


def test_section_of_her_page_is_loaded_by_itself(world, team, as_):
    page = as_(team.mina).get(reverse("contacts:person", args=[world.people[0].pk])).content.decode()
    assert f'hx-get="/people/{world.people[0].pk}/journeys/"' in page
    part = as_(team.mina).get(at("person", world), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Welcome" in part


def test_start_by_hand(world, by_hand, team, as_, now):
    client = as_(team.mina)
    assert client.post(at("person-start", world), {"journey": by_hand.pk}).status_code == 302
    run(now)
    assert Enrolment.objects.filter(journey=by_hand, contact_id=world.people[0].pk).count() == 1
    client.post(at("person-start", world), {"journey": by_hand.pk})
    client.post(at("person-start", world), {"journey": world.journey.pk})  # which nobody starts by hand
    client.post(at("person-start", world), {"journey": "x"})
    assert StartRequest.objects.count() == 0


def test_going_on_and_out(world, team, as_):
    one = Enrolment.objects.get(contact_id=world.people[0].pk)
    client = as_(team.mina)
    assert client.post(at("person-guide", world, one.pk, "on"), {"outlet": "next"}).status_code == 404
    client.post(at("person-guide", world, one.pk, "on"), {"outlet": "next", "visit": one.visit})
    one.refresh_from_db()
    assert one.end == "completed"
    other = Enrolment.objects.get(contact_id=world.people[1].pk)
    assert client.post(at("person-guide", world, other.pk, "out")).status_code == 404  # of another person
    client.post(at("person-guide", world, other.pk, "out", who=1))
    other.refresh_from_db()
    assert other.end == "removed"


def test_mail_leads_to_the_way(world, team, as_):
    from campaigns.sending.models import Message

    message = Message.objects.get(dispatch=world.dispatch, contact_id=world.people[0].pk)
    html = as_(team.mina).get(reverse("campaigns:mail", args=[message.pk])).content.decode()
    assert f"/people/{world.people[0].pk}/journeys/#way-" in html


def test_many_are_started_from_the_list_after_a_look(world, by_hand, team, as_, now):
    data = {"act": "journey", "contact": [world.people[0].pk, world.people[1].pk]}
    client = as_(team.mina)
    asked = client.post("/people/act/", data)
    assert asked.context["form"].fields["choice"].choices == [("", "–"), (str(by_hand.pk), "By hand")]
    assert StartRequest.objects.count() == 0
    assert client.post("/people/act/", data | {"sure": "1", "choice": world.journey.pk}).status_code == 400
    assert as_(team.cleo).post("/people/act/", data | {"sure": "1", "choice": by_hand.pk}).status_code == 403
    as_(team.mina).post("/people/act/", data | {"sure": "1", "choice": by_hand.pk})
    run(now)
    assert Enrolment.objects.filter(journey=by_hand).count() == 2


def test_a_segment_is_started_in_ranges(world, by_hand, team, now):
    from contacts.acts import jobs
    from contacts.people.selection import Selection
    from tests.contacts.segments.living import city, make

    type(world.people[0]).objects.filter(pk__in=[person.pk for person in world.people[:3]]).update(city="Oslo")
    oslo = make("Oslo", city("Oslo"), now=now)
    run(now)
    everybody = Selection(query=f"segment={oslo.pk}")
    act = jobs.start("journey", everybody, {"journey": by_hand.pk}, by=team.mina, now=now)
    assert jobs.run_due(lambda: now)
    assert act.segment == oslo
    run(now)
    assert Enrolment.objects.filter(journey=by_hand).count() == 3
