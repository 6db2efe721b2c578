"""One person led through a draft: every stop with its time and mail, another way when it is chosen, nothing left."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from contacts.consent.models import ConsentState, Decision
from contacts.people.models import Contact
from crm.team.models import Role, User
from journeys.graph.graph import Graph, Link, Rules, Step, Trigger
from journeys.journey import editing
from journeys.rehearsal.walking import walk, walker
from tests.campaigns.conftest import decide, make_people, make_sender, make_template
from tests.journeys.rehearsal.test_asking import NOW as TODAY
from tests.journeys.rehearsal.test_replay import CART, SEOUL, _kinds  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def walked(graph, contact, chosen=None):
    found = walk(graph, contact.pk, chosen or {}, NOW)
    return [(stop.key, stop.outlet, stop.left_at - NOW) for stop in found.stops], found


def test_stops_follow_the_clock_to_the_end():
    alice = Contact.objects.create(name="Alice", city="Seoul")
    stops, found = walked(CART, alice)
    assert stops == [("wait", "next", 2 * DAY), ("order", "timed_out", 5 * DAY), ("city", "seoul", 5 * DAY)]
    assert (found.ended, found.waiting, found.refused) == ("completed", "", "")


def test_another_way_is_taken_when_it_is_chosen():
    alice = Contact.objects.create(name="Alice", city="Busan")
    stops, found = walked(CART, alice, {"order": "happened"})
    assert stops == [("wait", "next", 2 * DAY), ("order", "happened", 2 * DAY + timedelta(hours=1))]
    assert found.ended == "completed"
    assert walked(CART, alice, {"order": "nonsense"})[0] == walked(CART, alice)[0]


def test_who_does_not_meet_the_entry_condition_is_told_and_led_through():
    bob = Contact.objects.create(name="Bob", city="Busan")
    strict = Graph(CART.triggers, Rules(entry=SEOUL), CART.first, CART.steps, CART.links)
    stops, found = walked(strict, bob)
    assert (len(stops), found.refused) == (3, "entry")
    alice = Contact.objects.create(name="Alice", city="Seoul")
    assert walked(strict, alice)[1].refused == ""


def mailing():
    template = make_template()
    mail = Step("mail", "trial_mail", {"template": template.pk, "sender": make_sender().pk})
    return Graph(
        (Trigger("t", "trial_cart"),),
        Rules(),
        "mail",
        (mail, Step("w", "trial_wait", row=1)),
        (Link("mail", "next", "w"),),
    )


def test_mails_say_whether_they_go():
    alice, bob = make_people(2)
    decide([alice], Decision.GRANTED)
    drawing = mailing()
    assert [walk(drawing, person.pk, {}, NOW).stops[0].mail for person in (alice, bob)] == ["", "no_consent"]


def test_an_invented_person_is_gone_afterwards(mina):
    before = Contact.objects.count()
    with walker(None, "ko", mina, NOW) as person:
        assert walk(mailing(), person.pk, {}, NOW).stops[0].mail == ""
    assert (Contact.objects.count(), ConsentState.objects.count()) == (before, 0)


def test_the_doors_tell_the_walk_and_show_the_mail(client, mina):
    alice = make_people(1)[0]
    decide([alice], Decision.GRANTED)
    drawing = mailing()
    journey = editing.create("Mails", graph=drawing, by=mina, now=TODAY)
    client.force_login(mina)
    place = reverse("admin:journeys_journey_walk", args=[journey.pk])
    for person in (alice.pk, "invented"):
        asked = {"graph": drawing.stored(), "person": person, "chosen": {}}
        told = client.post(place, asked, content_type="application/json").json()
        assert [stop["key"] for stop in told["stops"]] == ["mail", "w"]
        assert told["end"]["said"] == "came to the end"
        mail = told["stops"][0]
        assert mail["left_out"] == ""
        shown = client.get(reverse("admin:journeys_journey_walk-mail", args=[journey.pk]), mail["mail"])
        assert shown.status_code == 200
        assert "<html" in shown.content.decode().lower()
        assert "sandbox" in shown.headers["Content-Security-Policy"]


def test_doors_refuse_what_is_not_there_and_who_may_not(client, mina):
    drawing = mailing()
    journey = editing.create("Mails", graph=drawing, by=mina, now=TODAY)
    place = reverse("admin:journeys_journey_walk", args=[journey.pk])
    mail = reverse("admin:journeys_journey_walk-mail", args=[journey.pk])
    client.force_login(mina)
    for person in (999_999, "x", None, True):
        asked = {"graph": drawing.stored(), "person": person}
        assert client.post(place, asked, content_type="application/json").status_code == 404
    assert client.post(place, {"graph": 1, "person": "invented"}, content_type="application/json").status_code == 400
    for query in ({}, {"template": "1", "sender": "x"}, {"template": "9" * 30, "sender": "1", "person": "invented"}):
        assert client.get(mail, query).status_code == 404
    client.force_login(User.objects.create_user("an@example.com", name="An", role=Role.ANALYST))
    assert client.post(place, {}, content_type="application/json").status_code in (302, 403)
    assert client.get(mail).status_code in (302, 403)
