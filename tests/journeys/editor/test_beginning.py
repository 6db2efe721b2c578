"""The page "New journey": cards, what a ready journey has to be told, and what comes of it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.templating.models import MailTemplate
from contacts.segments.models import Segment
from crm.team.models import Role, User
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.journey.models import Journey
from journeys.starters.catalogue import available
from tests.campaigns.conftest import make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, mina: User, settings: Any, tmp_path: Path) -> Client:
    settings.MEDIA_ROOT = tmp_path
    client.force_login(mina)
    return client


def place(key: str | None = None) -> str:
    address = reverse("admin:journeys_journey_add")
    return address if key is None else f"{address}?from={key}"


def test_every_ready_journey_that_can_work_has_a_card(page: Client) -> None:
    shown = page.get(place()).content.decode()
    for starter in available():
        assert f"?from={starter.key}" in shown
        assert page.get(place(starter.key)).status_code == 200
    assert page.get(place("renewal")).status_code == 404
    assert page.get(place("nonsense")).status_code == 404
    assert Journey.objects.count() == 0


def test_a_ready_journey_opens_as_a_draft_without_problems(page: Client, mina: User) -> None:
    sender = make_sender()
    form = page.get(place("welcome")).context["form"]
    assert form["site"].value() == "www.wayfare.example"
    sent = {
        "name": "Hello",
        "description": "",
        "sender": sender.pk,
        "segment": "ready",
        "site": "https://Shop.Example.net/",
    }
    answer = page.post(place("welcome"), sent)
    journey = Journey.objects.get()
    assert answer.url == reverse("admin:journeys_journey_change", args=[journey.pk])
    assert (journey.name, journey.state, journey.created_by) == ("Hello", "draft", mina)
    graph = parse(journey.draft)
    assert problems(graph) == []
    assert graph.triggers[0].settings == {"segment": Segment.objects.audiences().get().pk}
    assert "https://shop.example.net/" in str(MailTemplate.objects.get(starter="journey:welcome:hello").draft)
    again = page.get(place("welcome")).context["form"]
    assert [value for value, _label in again.fields["segment"].choices] == [str(Segment.objects.audiences().get().pk)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("site", "not a site"), ("sender", ""), ("name", "Taken"), ("segment", "7")],
)
def test_what_is_missing_is_said_and_nothing_is_made(page: Client, field: str, value: str) -> None:
    Journey.objects.create(name="Taken", draft={})
    sent = {"name": "Hello", "sender": make_sender().pk, "segment": "ready", "site": "shop.example.net"} | {
        field: value
    }
    answer = page.post(place("welcome"), sent)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert (Journey.objects.count(), MailTemplate.objects.count(), Segment.objects.audiences().count()) == (1, 0, 0)


def test_only_who_may_draw_begins_a_journey(client: Client) -> None:
    client.force_login(User.objects.create_user("r@example.com", "pw", name="R", role=Role.SALES_REP))
    assert client.post(place("welcome"), {"name": "Hello"}).status_code in (302, 403)
    assert Journey.objects.count() == 0
