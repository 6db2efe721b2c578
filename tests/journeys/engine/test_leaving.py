"""Going out before the end: goal, exit rule, left segment, refusal, by hand, erased; and goals met after the end."""

from datetime import timedelta

import pytest

from contacts.consent.record import Proof, record
from contacts.models import Contact, Event
from journeys.engine import entering, leaving
from journeys.engine.models import Enrolment, StartRequest, Touched
from journeys.graph.graph import Rules
from tests.contacts.segments.living import city, make, rule
from tests.journeys.living import born, counts, enters, event, graph, happens, live, notes, run, step, told, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)
ORDERED = rule({"did": "order.placed"})


def waiting(rules, *triggers):
    return graph(step("wait", "t_wait", seconds=10 * 86_400), step("note", "t_note"), triggers=triggers, rules=rules)


def come_in(journey, now, *people):
    entering.request(journey.pk, [person.pk for person in people], now=now)
    run(now)


def start(now, rules, *people):
    """Make a journey in which people wait ten days, and bring them in."""
    journey = live(waiting(rules, happens("cart.updated")), now=now)
    come_in(journey, now, *people)
    return journey


def refuse(contact, at):
    record(contact.pk, "marketing", "email", "withdrawn", at=at, proof=Proof(source="page"), now=at)


def test_a_goal_met_within_its_days_ends_the_journey_at_once(now, ann, bob):
    journey = start(now, Rules(goal=ORDERED, goal_days=3), ann, bob)
    event(ann, "order.placed", now + DAY)
    run(now + DAY)
    event(bob, "order.placed", now + 4 * DAY)
    run(now + 4 * DAY)
    assert (ways(ann), ways(bob)) == (["goal"], ["at wait"])
    assert Enrolment.objects.get(contact_id=ann.pk).goal_at == now + DAY
    assert told(ann) == ["entered", "left (goal)"]
    assert counts(journey) == {"wait>end:goal": 1}


def test_a_goal_that_ends_nothing_is_noted_once(now, ann):
    start(now, Rules(goal=ORDERED, goal_ends=False), ann)
    for days in (1, 2):
        event(ann, "order.placed", now + days * DAY)
        run(now + days * DAY)
    assert ways(ann) == ["at wait"]
    assert Enrolment.objects.get().goal_at == now + DAY


def test_a_goal_met_after_the_end_counts_within_its_days_also_for_hold_outs(now):
    people = [born(f"P{number}", now) for number in range(40)]
    journey = live(
        graph(step("note", "t_note"), triggers=[happens("cart.updated")], rules=Rules(goal=ORDERED, hold_out=50)),
        now=now,
    )
    come_in(journey, now, *people)
    held = {row.contact_id for row in Enrolment.objects.filter(end="held_out")}
    assert 5 < len(held) < 35
    for person in people:
        event(person, "order.placed", now + DAY)
    run(now + DAY)
    assert set(Enrolment.objects.values_list("goal_at", flat=True)) == {now + DAY}
    assert set(Enrolment.objects.filter(contact_id__in=held).values_list("end", flat=True)) == {"held_out"}


def test_an_exit_condition_is_looked_at_when_something_happens_and_before_each_step(now, ann, bob):
    start(now, Rules(exit=rule(city("Rome"))), ann, bob)
    Contact.objects.filter(pk=ann.pk).update(city="Rome")
    event(ann, "contact.updated", now + DAY)
    run(now + DAY)
    assert (ways(ann), told(ann)) == (["exit"], ["entered", "left (exit)"])
    Contact.objects.filter(pk=bob.pk).update(city="Rome")  # nobody tells
    run(now + 9 * DAY)
    assert ways(bob) == ["at wait"]
    run(now + 10 * DAY)
    assert (ways(bob), notes(bob)) == (["exit"], "")


def test_leaving_the_segment_ends_it_but_not_for_whoever_never_was_in_it(now, ann, bob):
    Contact.objects.filter(pk=ann.pk).update(city="Oslo")
    oslo = make("Oslo", city("Oslo"), now=now)
    run(now)
    start(now, Rules(left_segment=oslo.pk), ann, bob)
    assert (ways(ann), ways(bob)) == (["at wait"], ["at wait"])
    Contact.objects.filter(pk=ann.pk).update(city="Rome")
    event(ann, "contact.updated", now + DAY)
    run(now + DAY)
    assert (ways(ann), ways(bob)) == (["left_segment"], ["at wait"])


def test_whoever_is_in_the_segment_again_has_not_left_it(now, ann):
    oslo = make("Oslo", city("Oslo"), now=now)
    live(waiting(Rules(left_segment=oslo.pk), enters(oslo)), now=now)
    for seconds, place in enumerate(("Oslo", "Rome", "Oslo")):
        at = now + timedelta(seconds=seconds)
        Contact.objects.filter(pk=ann.pk).update(city=place)
        event(ann, "contact.updated", at)
        if place == "Oslo":
            run(at)
    assert ways(ann) == ["at wait"]


def test_a_refusal_ends_it_an_earlier_one_does_not(now, ann, bob):
    refuse(bob, now - DAY)
    start(now, Rules(), ann, bob)
    refuse(ann, now + DAY)
    run(now + DAY)
    assert (ways(ann), ways(bob)) == (["unsubscribed"], ["at wait"])
    assert told(ann) == ["entered", "left (unsubscribed)"]


def test_a_refusal_ends_nothing_where_it_is_not_asked_to(now, ann):
    start(now, Rules(unsubscribed=False), ann)
    refuse(ann, now + DAY)
    run(now + DAY)
    assert ways(ann) == ["at wait"]


def test_taken_out_by_hand(now, ann, bob):
    journey = start(now, Rules(), ann, bob)
    assert leaving.remove(journey.pk, [ann.pk], now=now + DAY) == 1
    assert leaving.remove(journey.pk, [ann.pk], now=now + DAY) == 0
    run(now + 20 * DAY)
    assert (ways(ann), ways(bob)) == (["removed"], ["wait>next note>next: completed"])
    assert counts(journey)["wait>end:removed"] == 1


def test_an_erased_person_leaves_and_nothing_of_hers_stays(now, ann, bob):
    journey = start(now, Rules(), ann, bob)
    entering.request(journey.pk, [ann.pk], now=now, key="A1", facts={"order": "A1"})
    run(now)
    entering.request(journey.pk, [ann.pk], now=now, key="A2")
    Touched.objects.create(contact_id=ann.pk)
    assert leaving.forget([ann.pk], now=now) == 2
    assert leaving.forget([ann.pk], now=now) == 0
    assert not StartRequest.objects.exists()
    assert not Touched.objects.exists()
    assert set(Enrolment.objects.filter(contact_id=ann.pk).values_list("end", "key", "facts")) == {("erased", "", None)}
    assert ways(bob) == ["at wait"]


def test_a_person_whose_row_is_gone_leaves_before_her_next_step(now, ann, bob):
    start(now, Rules(), ann, bob)
    number = ann.pk
    Contact.objects.filter(pk=number).delete()
    events = Event.objects.filter(contact_id=number).count()
    run(now + 10 * DAY)
    assert Enrolment.objects.get(contact_id=number).end == "erased"
    assert Event.objects.filter(contact_id=number).count() == events
    assert ways(bob) == ["wait>next note>next: completed"]
