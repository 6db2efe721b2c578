"""Publishing from the editor: refused with the list, asked with what changes and whom it moves, done once."""

import pytest
from django.urls import reverse

from crm.kit.clock import now
from journeys.engine.models import Enrolment
from journeys.journey import editing, publishing
from journeys.journey.models import Journey, StepMove
from tests.journeys.drawings import drawing, step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tiny_kinds")]


@pytest.fixture
def journey(client, mina) -> Journey:
    client.force_login(mina)
    return editing.create("Welcome", by=mina, now=now())


def draw(journey: Journey, *steps, links: str = "") -> int:
    """Save a draft; returns its version."""
    journey.refresh_from_db()
    saved = editing.save_draft(journey.pk, drawing(*steps, links=links), version=journey.version, by=None, now=now())
    return saved.version


def place(journey: Journey, part: str = "publish") -> str:
    return reverse(f"admin:journeys_journey_{part}", args=[journey.pk])


def test_errors_are_listed_and_stop_it(client, journey):
    version = draw(journey, step("a", what="harm"), step("b", what=""), links="a>b")
    page = client.get(place(journey)).content.decode()
    assert "It cannot be published yet" in page
    assert "This is forbidden." in page
    assert "What: This field is required." in page
    refused = client.post(place(journey), {"version": version})
    assert refused.status_code == 400
    journey.refresh_from_db()
    assert (journey.state, journey.versions.count()) == ("draft", 0)


def test_published_once_however_often_it_is_clicked(client, journey):
    version = draw(journey, step("a", "test_pause"))
    for _click in range(2):
        done = client.post(place(journey), {"version": version, "note": "First"})
        assert done.headers["Location"] == place(journey, "change")
    journey.refresh_from_db()
    assert (journey.state, journey.live.number, journey.live.note) == ("running", 1, "First")
    assert journey.versions.count() == 1


def test_draft_that_was_changed_meanwhile_is_not_published(client, journey):
    version = draw(journey, step("a", "test_pause"))
    draw(journey, step("b", "test_pause"))
    refused = client.post(place(journey), {"version": version})
    assert refused.status_code == 409
    assert "has changed this journey" in refused.content.decode()
    assert journey.versions.count() == 0


def test_people_inside_are_asked_for_and_moved_as_said(client, journey):
    client.post(place(journey), {"version": draw(journey, step("a", "test_pause"))})
    journey.refresh_from_db()
    row = journey.live.steps.get(key="a")
    at = now()
    Enrolment.objects.create(journey=journey, contact_id=1, step=row, entered_at=at, arrived_at=at)
    version = draw(journey, step("a", "test_pause", days=3), step("b", "test_pause"), links="a>b")
    page = client.get(place(journey)).content.decode()
    assert "Changed step: Waits 2 days → Waits 3 days" in page
    assert f'name="move-{row.pk}"' in page
    client.post(place(journey), {"version": version, f"move-{row.pk}": "b"})
    move = StepMove.objects.get(step=row)
    assert (move.to.key, move.to.version.number) == ("b", 2)


def test_states_follow_the_menu_and_a_wrong_one_is_said(client, journey):
    acts = place(journey, "act")
    assert "This cannot be done" in client.post(acts, {"act": "pause"}, follow=True).content.decode()
    publishing.publish(journey.pk, by=None, now=now(), version=draw(journey, step("a", "test_pause")))
    for act, state in (("pause", "paused"), ("resume", "running"), ("finish", "finishing"), ("archive", "archived")):
        client.post(acts, {"act": act})
        journey.refresh_from_db()
        assert journey.state == state
    assert client.post(acts, {"act": "explode"}).status_code == 400
    client.post(acts, {"act": "clone"})
    assert Journey.objects.exclude(pk=journey.pk).get().name == "Copy of Welcome"


def test_older_version_is_published_again(client, journey):
    for days in (2, 3):
        client.post(place(journey), {"version": draw(journey, step("a", "test_pause", days=days))})
    page = client.get(place(journey, "versions")).content.decode()
    assert "Changed step: Waits 2 days → Waits 3 days" in page
    back = {"number": "1", "live": "2"}
    client.post(place(journey, "versions"), back)
    journey.refresh_from_db()
    assert (journey.live.number, journey.live.graph["steps"][0]["settings"]) == (3, {"days": 2})
    client.post(place(journey, "versions"), back)
    assert journey.versions.count() == 3
