"""A draft run over the past: whom it lets in, where they go and when, and that nothing of it stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.db import connection

from campaigns.sending.models import FrequencyCap
from campaigns.templating.models import MailTemplate
from contacts.consent.models import Decision
from contacts.ledger.append import NewEvent, append
from contacts.ledger.dictionary import kind_ids
from contacts.people.models import Contact
from contacts.segments.rules.parsing import parse as parse_rule
from contacts.segments.rules.sql import Sql, compose
from journeys.graph.graph import Graph, Link, Rules, Step, Trigger
from journeys.rehearsal.replay import replay
from journeys.steps.kind import STEP_KINDS, Outlet, Shelf, StepForm, StepKind
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind
from tests.campaigns.conftest import decide, make_people, make_template

pytestmark = pytest.mark.django_db
FREELY = Rules()
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class TrialTrigger(TriggerKind):
    key, label, icon = "trial_cart", "cart", "x"

    def kinds(self, cleaned):
        return frozenset({"cart.updated"})

    def started(self, cleaned, events):
        return compose(
            "SELECT e.contact_id, coalesce(e.properties ->> 'cart', ''), e.occurred_at, e.id, NULL::jsonb "
            "FROM {events} e",
            events=events,
        )


class TrialWait(StepKind):
    key, label, icon, shelf, waits = "trial_wait", "wait", "x", Shelf.TIME, True

    def outcome(self, batch):
        return Sql(
            "SELECT b.id, CASE WHEN b.at >= b.arrived_at + interval '2 days' THEN 'next' END, "
            f"b.arrived_at + interval '2 days', NULL::jsonb FROM {batch.rows} b"
        )


class TrialOrder(StepKind):
    """Waits up to three days for an order."""

    key, label, icon, shelf, waits = "trial_order", "order", "x", Shelf.TIME, True

    def outlets(self, cleaned):
        return (Outlet("happened", ""), Outlet("timed_out", ""))

    def outcome(self, batch):
        number = kind_ids(["order.placed"])["order.placed"]
        return Sql(
            "SELECT b.id, CASE WHEN f.at IS NOT NULL THEN 'happened' "
            "WHEN b.at >= b.arrived_at + interval '3 days' THEN 'timed_out' END, "
            "coalesce(f.at, b.arrived_at + interval '3 days'), NULL::jsonb "
            f"FROM {batch.rows} b LEFT JOIN LATERAL (SELECT min(e.occurred_at) AS at FROM event e "
            "WHERE e.contact_id = b.contact_id AND e.kind_id = %s AND e.occurred_at >= b.arrived_at "
            "AND e.occurred_at < least(b.arrived_at + interval '3 days', b.at)) f ON true",
            (number,),
        )


SEOUL = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "Seoul"}]}}


class MailForm(StepForm):
    template = forms.ModelChoiceField(MailTemplate.objects.all())


class TrialMail(StepKind):
    key, label, icon, shelf, form, uses_mail = "trial_mail", "mail", "x", Shelf.MESSAGE, MailForm, True


class TrialCity(StepKind):
    key, label, icon, shelf, judges = "trial_city", "city", "x", Shelf.WAY, True

    def outcome(self, batch):
        return compose(
            f"SELECT b.id, CASE WHEN {{test}} THEN 'seoul' ELSE 'else' END, NULL::timestamptz, NULL::jsonb "
            f"FROM {batch.rows} b JOIN contacts_contact c ON c.id = b.contact_id",
            test=parse_rule(SEOUL).test(batch.moment),
        )


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    steps = [TrialWait(), TrialOrder(), TrialCity(), TrialMail()]
    for registry, kinds in ((STEP_KINDS, steps), (TRIGGER_KINDS, [TrialTrigger()])):
        monkeypatch.setattr(registry, "_entries", {**registry._entries, **{kind.key: kind for kind in kinds}})


def graph(*steps, links, rules=FREELY):
    cards = tuple(Step(key, kind, row=row) for row, (key, kind) in enumerate(steps))
    drawn = tuple(Link(*link) for link in links)
    return Graph((Trigger("t", "trial_cart"),), rules, cards[0].key, cards, drawn)


def person(name, city="Busan"):
    return Contact.objects.create(name=name, city=city).pk


def tell(contact, kind, days_ago, **properties):
    append([NewEvent(contact, kind, NOW - timedelta(days=days_ago), properties=properties)], source="t", now=NOW)


def found(drawing, days=90):
    return replay(drawing, days, NOW).stored()


CART = graph(
    ("wait", "trial_wait"),
    ("order", "trial_order"),
    ("city", "trial_city"),
    links=[("wait", "next", "order"), ("order", "timed_out", "city")],
)


def test_people_go_by_the_outlets_that_the_past_gives():
    alice, bob, carol, dora = (
        person(name, city) for name, city in [("A", "Busan"), ("B", "Seoul"), ("C", ""), ("D", "")]
    )
    for contact, day in ((alice, 30), (bob, 20), (carol, 4), (dora, 100)):
        tell(contact, "cart.updated", day)
    tell(alice, "order.placed", 26)  # two days of waiting, then within three
    tell(bob, "order.placed", 19)  # too early: while she still waits
    result = found(CART)
    assert result["entered"] == 3  # dora's cart lies before the 90 days
    assert {key: (step["arrived"], step["left"], step["waiting"]) for key, step in result["steps"].items()} == {
        "wait": (3, {"next": 3}, 0),
        "order": (3, {"happened": 1, "timed_out": 1}, 1),  # carol has two of her three days left
        "city": (1, {"seoul": 1}, 0),
    }
    assert result["ended"] == {"completed": 2}


def test_a_way_tells_when_each_step_was_left():
    alice = person("A")
    tell(alice, "cart.updated", 30)
    tell(alice, "order.placed", 26)
    ways = found(CART)["ways"]
    stops = [(stop[1], stop[2], datetime.fromisoformat(stop[4])) for way in ways for stop in way["stops"]]
    assert stops == [
        ("wait", "next", NOW - timedelta(days=28)),
        ("order", "happened", NOW - timedelta(days=26)),
    ]


@pytest.mark.parametrize(
    ("rules", "entered", "refused"),
    [
        (Rules(), 1, {"inside": 1, "again": 2}),
        (Rules(again="always"), 3, {"inside": 1}),
        (Rules(again="after", again_days=15), 2, {"inside": 1, "again": 1}),
    ],
)
def test_one_person_comes_in_as_often_as_the_rules_say(rules, entered, refused):
    alice = person("A")
    for day in (40, 39, 30, 20):  # on the 39th she is still inside
        tell(alice, "cart.updated", day)
    result = found(graph(("wait", "trial_wait"), links=[], rules=rules))
    assert (result["entered"], result["refused"]) == (entered, refused)


def test_two_orders_of_one_person_run_side_by_side():
    alice = person("A")
    for cart in ("17", "18", "17"):
        tell(alice, "cart.updated", 30, cart=cart)
    result = found(graph(("wait", "trial_wait"), links=[], rules=Rules(again="always")))
    assert (result["entered"], result["refused"]) == (2, {"inside": 1})


def test_entry_rule_and_leaving_are_judged():
    rules = Rules(entry=SEOUL, goal={"version": 1, "rule": {"all": [{"did": "order.placed"}]}}, goal_days=30)
    alice, bob, carol = person("A", "Seoul"), person("B", "Seoul"), person("C")
    for contact in (alice, bob, carol):
        tell(contact, "cart.updated", 30)
    tell(alice, "order.placed", 29)
    tell(bob, "consent.withdrawn", 29)
    result = found(graph(("wait", "trial_wait"), ("more", "trial_wait"), links=[("wait", "next", "more")], rules=rules))
    assert result["refused"] == {"entry": 1}  # carol
    assert result["ended"] == {"goal": 1, "unsubscribed": 1}


def test_merged_people_do_not_come_in():
    alice, bob = person("A"), person("B")
    tell(bob, "cart.updated", 30)
    Contact.objects.filter(pk=bob).update(merged_into=alice)
    assert found(CART)["entered"] == 0


def test_mails_are_counted_with_who_is_left_out_and_why():
    template = make_template()
    FrequencyCap.objects.create(sends=2, days=7)
    alice, bob, carol, dora = make_people(4)
    decide([alice, bob, carol], Decision.GRANTED)
    for contact in (alice, bob, carol, dora):
        tell(contact.pk, "cart.updated", 30)
    for day in (29, 31, 40):  # one lies in the week before bob's first mail, two before his second
        tell(bob.pk, "mail.sent", day)
    mails = [Step(f"m{n}", "trial_mail", {"template": template.pk}, row=2 * n) for n in (1, 2, 3)]
    waits = [Step(f"w{n}", "trial_wait", row=2 * n + 1) for n in (1, 2)]
    links = [Link("m1", "next", "w1"), Link("w1", "next", "m2"), Link("m2", "next", "w2"), Link("w2", "next", "m3")]
    drawing = Graph((Trigger("t", "trial_cart"),), FREELY, "m1", (*mails, *waits), tuple(links))
    sent = {key: step["mails"] for key, step in found(drawing)["steps"].items() if key.startswith("m")}
    assert sent == {
        "m1": {"": 3, "no_consent": 1},
        "m2": {"": 2, "capped": 1, "no_consent": 1},  # bob
        "m3": {"capped": 3, "no_consent": 1},
    }


def test_nothing_of_it_stays():
    tell(person("A"), "cart.updated", 30)
    found(CART)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'rehearsal%%' AND relpersistence = 't'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM journeys_enrolment")
        assert cursor.fetchone() == (0,)


def test_ranges_of_people_give_the_same(monkeypatch):
    for number in range(7):
        contact = person(f"P{number}", "Seoul" if number % 2 else "Busan")
        tell(contact, "cart.updated", 10 + number)
        tell(contact, "cart.updated", 40)
    whole = found(CART)
    monkeypatch.setattr("journeys.rehearsal.replay.RANGE", 3)
    parts = found(CART)
    assert {**whole, "ways": []} == {**parts, "ways": []}
