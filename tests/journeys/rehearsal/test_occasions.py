"""What brings a person into a walk: her newest activities, the one that was chosen, or a sample; her mails show it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from contacts.consent.models import Decision
from contacts.ledger.append import NewEvent, append
from contacts.models import Product
from crm.kit.clock import now
from journeys.graph.graph import Graph, Rules, Step, Trigger
from journeys.journey import editing
from journeys.rehearsal.occasions import MOST, occasions
from tests.campaigns.conftest import decide, make_people, make_sender, make_template

pytestmark = pytest.mark.django_db
NOW = now()
SUBJECT = (
    "{{journey.order|default:'-'}}/{{journey.product|default:'-'}}/"
    "{{journey.form|default:'-'}}/{{journey.value|default:0}}."
)


def event(*kinds, key=""):
    rule = {"version": 1, "rule": {"any": [{"did": kind} for kind in kinds]}}
    return Trigger("in", "event", {"event": rule, "key_property": key})


def drawing(*ways_in):
    settings = {"when_capped": "skip", "left_out": "on", "subject": SUBJECT}
    mail = Step("mail", "send_email", settings | {"template": make_template().pk, "sender": make_sender().pk})
    return Graph(tuple(ways_in), Rules(), "mail", (mail,))


def told(person, kind, days_ago, *, amount=None, **facts):
    at = NOW - timedelta(days=days_ago)
    append([NewEvent(person.pk, kind, at, value=amount, properties=facts)], source="t", now=NOW)


def subject_of(client, journey, asked):
    place = reverse("admin:journeys_journey_walk-mail", args=[journey.pk])
    return client.get(place, asked | {"only": "subject"}).json()["subject"]


@pytest.fixture
def alice(db):
    """Two orders and a form; somebody else has an order of today."""
    Product.objects.create(key="tent", name="Big tent")
    alice, bob = make_people(2)
    decide([alice, bob], Decision.GRANTED)
    told(alice, "order.placed", 9, amount=Decimal(12000), order="A-1", products=["tent"])
    told(alice, "order.placed", 2, amount=Decimal("7.5"), order="A-2")
    told(alice, "form.submitted", 5, name="Trade fair")
    told(bob, "order.placed", 0, order="B-1")
    return alice


def test_her_newest_come_first_and_the_sample_last(alice):
    found = occasions(drawing(event("order.placed", "form.submitted", key="order")), alice.pk, NOW)
    assert [(one.key, one.shown) for one in found[:-1]] == [
        ("A-2", {"order": "A-2", "value": 7.5}),
        ("", {"form": "Trade fair"}),
        ("A-1", {"order": "A-1", "product": "Big tent", "value": 12000}),
    ]
    assert found[-1].event == 0
    assert found[-1].shown == {"order": "A-1024", "product": "Blue chair", "form": "Newsletter", "value": 12000}
    assert found[0].said.startswith("Order placed · A-2 · ")


def test_a_sample_says_only_what_such_events_say(alice):
    graph = drawing(event("cart.updated"))
    views = replace(graph, triggers=(event("product.viewed"),))
    shown = [occasions(one, alice.pk, NOW)[-1].shown for one in (graph, views)]
    assert shown == [{"product": "Blue chair", "value": 12000}, {"product": "Blue chair"}]
    assert occasions(replace(graph, triggers=(Trigger("hand", "by_hand"),)), alice.pk, NOW) == []


def test_no_more_than_a_handful_is_offered(alice):
    for number in range(MOST + 3):
        told(alice, "order.placed", 20 + number, order=f"old-{number}")
    assert len(occasions(drawing(event("order.placed")), alice.pk, NOW)) == MOST + 1


@pytest.mark.parametrize(
    ("wanted", "subject", "sample"),
    [
        (None, "A-2/-/-/7.5.", False),
        (1, "A-1/Big tent/-/12000.", False),
        ("sample", "A-1024/Blue chair/-/12000.", True),
        ("999999999", "A-2/-/-/7.5.", False),
    ],
)
def test_mails_of_the_walk_show_it(client, mina, alice, wanted, subject, sample):
    graph = drawing(event("order.placed"))
    journey = editing.create("Orders", graph=graph, by=mina, now=NOW)
    client.force_login(mina)
    place = reverse("admin:journeys_journey_walk", args=[journey.pk])
    asked = {"graph": graph.stored(), "person": alice.pk}
    offered = client.post(place, asked, content_type="application/json").json()["occasions"]
    chosen = offered[wanted]["id"] if isinstance(wanted, int) else wanted
    walk = client.post(place, asked | {"occasion": chosen}, content_type="application/json").json()
    assert walk["sample"] is sample
    assert walk["occasion"] == (chosen if wanted in (1, "sample") else offered[0]["id"])
    assert subject_of(client, journey, walk["stops"][0]["mail"]) == f"(광고) {subject}"


def test_an_invented_person_has_the_sample_alone(client, mina, alice):
    graph = drawing(event("order.placed"))
    journey = editing.create("Orders", graph=graph, by=mina, now=NOW)
    client.force_login(mina)
    place = reverse("admin:journeys_journey_walk", args=[journey.pk])
    walk = client.post(place, {"graph": graph.stored(), "person": "invented"}, content_type="application/json").json()
    assert [one["id"] for one in walk["occasions"]] == ["sample"]
    assert walk["sample"] is True


def test_a_wrong_amount_in_the_address_of_a_mail_is_left_out(client, mina, alice):
    graph = drawing(event("order.placed"))
    journey = editing.create("Orders", graph=graph, by=mina, now=NOW)
    client.force_login(mina)
    settings = {name: graph.steps[0].settings[name] for name in ("template", "sender", "subject")}
    asked = settings | {"person": str(alice.pk), "value": "1e9", "order": "<b>x</b>", "product": "p" * 500}
    assert subject_of(client, journey, asked) == f"(광고) <b>x</b>/{'p' * 200}/-/0."
