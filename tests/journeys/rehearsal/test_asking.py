"""Rehearsals as jobs: asked for at the editor's doors, given up, told in words, tried again when they fail."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.kit.clock import now
from crm.kit.work import WorkState
from crm.team.models import Role, User
from journeys.journey import editing
from journeys.models import Rehearsal
from journeys.rehearsal import asking, replay
from tests.journeys.rehearsal.test_replay import CART, _kinds  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
NOW = now()


@pytest.fixture
def journey(mina):
    return editing.create("Carts", graph=CART, by=mina, now=NOW)


@pytest.fixture
def door(client, mina, journey):
    """Ask a door of the journey as Mina: GET without a body."""
    client.force_login(mina)

    def ask(part, body=None):
        place = reverse(f"admin:journeys_journey_{part}", args=[journey.pk])
        if body is None:
            return client.get(place)
        return client.post(place, json.dumps(body), content_type="application/json")

    return ask


def carts(*names):
    people = [Contact.objects.create(name=name, city="Seoul") for name in names]
    seen = NOW - timedelta(days=20)
    append([NewEvent(person.pk, "cart.updated", seen) for person in people], source="t", now=NOW)
    return people


def test_a_rehearsal_is_asked_for_done_and_told_in_words(door, journey):
    alice, _bob = carts("Alice", "Bob")
    assert door("rehearsal").json() == {"state": "none"}
    asked = door("rehearse", {"graph": CART.stored(), "days": 90})
    assert (asked.status_code, asked.json()["state"]) == (200, "waiting")
    assert asking.run_due(now)
    assert not asking.run_due(now)
    told = door("rehearsal").json()
    assert (told["state"], told["share"]) == ("done", 1.0)
    assert told["sentences"][0] == (
        "In the last 90 days 2 people would have come in, and 0 mails would have been sent."
    )
    assert told["sentences"][1] == "What became of them: came to the end: 2."
    assert told["steps"]["wait"]["badges"] == ["2 come here"]
    assert told["steps"]["order"]["left"] == {"timed_out": "2"}
    assert {way["name"] for way in told["ways"]} == {"Alice", "Bob"}
    hers = next(way for way in told["ways"] if way["name"] == "Alice")
    assert hers["url"] == reverse("contacts:person", args=[alice.pk])
    assert [stop["key"] for stop in hers["stops"]] == ["wait", "order", "city"]


def test_nobody_would_come_in(door):
    door("rehearse", {"graph": CART.stored(), "days": 30})
    asking.run_due(now)
    assert door("rehearsal").json()["sentences"] == ["In the last 30 days nobody would have come in."]


def test_a_draft_with_errors_is_refused_with_the_list(door):
    broken = CART.stored() | {"first": "nowhere"}
    asked = door("rehearse", {"graph": broken, "days": 90})
    assert asked.status_code == 400
    assert "no_first" in {problem["code"] for problem in asked.json()["problems"]}
    assert door("rehearse", {"graph": "x"}).status_code == 400
    assert not Rehearsal.objects.exists()


def test_a_second_one_gives_up_the_first_and_stop_gives_up_both(door):
    for _ in range(2):
        door("rehearse", {"graph": CART.stored(), "days": 90})
    assert list(Rehearsal.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "ready"]
    assert door("rehearsal-stop", {}).json() == {"state": "cancelled"}
    assert not asking.run_due(now)
    assert door("rehearsal").json()["state"] == "cancelled"


def test_one_that_is_given_up_while_it_runs_ends_there(door, journey, mina, monkeypatch):
    carts(*"ABCDE")
    monkeypatch.setattr(replay, "RANGE", 2)
    door("rehearse", {"graph": CART.stored(), "days": 90})
    shares = []

    def given_up(asked, share, at):
        shares.append(share)
        asking.give_up(journey.pk, mina)
        progress(asked, share, at)

    progress = asking._progress
    monkeypatch.setattr(asking, "_progress", given_up)
    asking.run_due(now)
    assert len(shares) == 1
    rehearsal = Rehearsal.objects.get()
    assert (rehearsal.state, rehearsal.result) == (WorkState.CANCELLED, None)


def test_one_that_fails_is_tried_again_and_then_told(door, monkeypatch):
    def fail(*_args, **_options):
        raise ValueError("broken")

    monkeypatch.setattr(asking, "replay", fail)
    door("rehearse", {"graph": CART.stored(), "days": 90})
    for _ in range(Rehearsal.max_attempts):
        Rehearsal.objects.update(due_at=now())
        assert asking.run_due(now)
    told = door("rehearsal").json()
    assert told["state"] == "failed"
    assert "could not be done" in told["error"]
    assert "broken" not in json.dumps(told)


def test_only_who_may_draw_may_rehearse(client, journey):
    client.force_login(User.objects.create_user("an@example.com", name="An", role=Role.ANALYST))
    for part in ("rehearse", "rehearsal", "rehearsal-stop"):
        place = reverse(f"admin:journeys_journey_{part}", args=[journey.pk])
        assert client.post(place).status_code in (302, 403)
        assert client.get(place).status_code in (302, 403)
    assert not Rehearsal.objects.exists()
