"""Who comes in, who does not and why; hold-outs; requests of merged people, of the past, and of a closed journey."""

from datetime import timedelta

import pytest

from contacts.identity.merge import merge
from contacts.models import Contact, Event
from contacts.segments.models import Segment
from contacts.segments.rules.sql import Sql
from journeys.engine import entering
from journeys.engine.models import Enrolment, StartRequest, Trace
from journeys.engine.running import LOOK_AGAIN
from journeys.engine.waking import anything_due
from journeys.graph.graph import Rules, Trigger
from journeys.journey import control
from journeys.journey.models import JourneyStep, JourneyVersion
from journeys.journey.publishing import publish
from tests.contacts.segments.living import city, make, rule
from tests.journeys.living import (
    Happens,
    born,
    empty_memory,
    enters,
    event,
    graph,
    happens,
    live,
    notes,
    redraw,
    refused,
    run,
    step,
    told,
    ways,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)
ORDER = "order.placed"


def ordered(rules=None, prop="", *steps):
    drawn = steps or (step("note", "t_note"),)
    return graph(*drawn, triggers=[happens(ORDER, prop)], rules=rules)


def test_nobody_comes_in_a_second_time_unless_it_is_said(now, ann):
    journey = live(ordered(), now=now)
    for days in range(3):
        event(ann, ORDER, now + days * DAY)
        run(now + days * DAY)
    assert ways(ann) == ["note>next: completed"]
    assert refused(journey) == {"again": 2}


def test_after_so_many_days_she_comes_in_again(now, ann):
    live(ordered(Rules(again="after", again_days=2)), now=now)
    for hours in (0, 47, 48, 95, 96):
        at = now + timedelta(hours=hours)
        event(ann, ORDER, at)
        run(at)
    assert len(ways(ann)) == 3


def test_always_but_never_twice_at_once(now, ann):
    wait = step("wait", "t_wait", seconds=3600)
    journey = live(ordered(Rules(again="always"), "", wait), now=now)
    for minutes in (0, 10, 20, 61):
        at = now + timedelta(minutes=minutes)
        event(ann, ORDER, at)
        run(at)
    assert ways(ann) == ["wait>next: completed", "at wait"]
    assert refused(journey) == {"inside": 2}


def test_two_orders_run_side_by_side_and_one_order_told_twice_runs_once(now, ann):
    wait = step("wait", "t_wait", seconds=3600)
    journey = live(ordered(Rules(again="never"), "order", wait, step("note", "t_note")), now=now)
    for number in ("A1", "A2", "A1"):
        event(ann, ORDER, now, order=number)
    run(now)
    assert sorted(Enrolment.objects.values_list("key", flat=True)) == ["A1", "A2"]
    assert refused(journey) == {"inside": 1}
    assert Enrolment.objects.get(key="A1").facts == {"order": "A1"}
    run(now + DAY)
    assert ways(ann) == ["wait>next note>next: completed"] * 2
    event(ann, ORDER, now + DAY, order="A2")
    run(now + DAY)
    assert refused(journey) == {"inside": 1, "again": 1}


def test_the_entry_condition_is_asked_on_coming_in(now, ann, bob):
    Contact.objects.filter(pk=ann.pk).update(city="Oslo")
    journey = live(ordered(Rules(entry=rule(city("Oslo")))), now=now)
    for person in (ann, bob):
        event(person, ORDER, now)
    run(now)
    assert (ways(ann), ways(bob)) == (["note>next: completed"], [])
    assert refused(journey) == {"entry": 1}


def test_a_flickering_segment_lets_her_in_once(now, ann):
    oslo = make("Oslo", city("Oslo"), now=now)
    once = live(graph(step("note", "t_note"), triggers=[enters(oslo)]), now=now)
    wait = step("wait", "t_wait", seconds=30)
    often = live(
        graph(wait, step("note", "t_note"), triggers=[enters(oslo)], rules=Rules(again="always")), now=now, name="Often"
    )
    for tenth in range(10):
        at = now + timedelta(seconds=6 * tenth)
        for place in ("Oslo", "Rome"):
            Contact.objects.filter(pk=ann.pk).update(city=place)
            event(ann, "contact.updated", at)
            run(at)
    assert ways(ann, once) == ["note>next: completed"]
    assert refused(once) == {"again": 9}
    assert ways(ann, often) == ["wait>next note>next: completed", "at wait"]
    assert refused(often) == {"inside": 8}


def test_hold_outs_get_nothing_and_are_the_same_people_each_time(now):
    people = [born(f"P{number}", now) for number in range(200)]
    journey = live(ordered(Rules(hold_out=30, again="always")), now=now)
    for round_ in range(2):
        entering.request(journey.pk, [person.pk for person in people], now=now + round_ * DAY)
        run(now + round_ * DAY)
    held = Enrolment.objects.filter(end="held_out")
    out = set(held.values_list("contact_id", flat=True))
    assert held.count() == 2 * len(out)
    assert 35 < len(out) < 85
    assert not Trace.objects.filter(contact_id__in=out).exists()
    assert not Event.objects.filter(contact_id__in=out, kind__key__startswith="journey.").exists()
    assert Enrolment.objects.filter(end="completed").count() == 400 - held.count()


def test_what_is_long_past_when_it_is_told_starts_nothing(now, ann, bob):
    live(ordered(), now=now)
    event(ann, ORDER, now - timedelta(days=4), recorded=now)
    event(bob, ORDER, now - timedelta(days=2), recorded=now)
    run(now)
    assert (ways(ann), ways(bob)) == ([], ["note>next: completed"])


def test_what_was_told_before_the_journey_began_starts_nothing(now, ann):
    event(ann, ORDER, now - timedelta(minutes=1))
    live(ordered(), now=now)
    run(now)
    assert ways(ann) == []


def test_a_paused_journey_lets_them_in_later_and_a_finishing_one_never(now, ann, bob):
    journey = live(ordered(), now=now)
    control.pause(journey.pk)
    event(ann, ORDER, now)
    run(now)
    assert (ways(ann), StartRequest.objects.count()) == ([], 1)
    control.resume(journey.pk)
    run(now)
    assert ways(ann) == ["note>next: completed"]
    control.finish(journey.pk)
    entering.request(journey.pk, [bob.pk], now=now)
    run(now)
    assert (ways(bob), refused(journey)) == ([], {"closed": 1})
    event(bob, ORDER, now)
    run(now)
    assert refused(journey) == {"closed": 1}  # its triggers are not even asked


def test_a_request_for_a_merged_person_is_for_the_one_who_stays_and_one_for_nobody_is_counted(now, ann, bob):
    journey = live(ordered(), now=now)
    entering.request(journey.pk, Sql("SELECT id FROM contacts_contact WHERE id = %s", (bob.pk,)), now=now)
    entering.request(journey.pk, [10**9], now=now)
    merge(ann.pk, bob.pk, by=None, now=now)
    run(now)
    assert (ways(ann), ways(bob)) == (["note>next: completed"], [])
    assert refused(journey) == {"gone": 1}


def test_an_entry_condition_that_cannot_be_read_keeps_people_waiting_until_it_can(now, ann, bob):
    oslo = make("Oslo", city("Oslo"), now=now)
    inside = {"field": "segments", "operator": "has_any_of", "value": [oslo.pk]}
    journey = live(ordered(Rules(entry=rule(inside))), now=now)
    type(oslo).objects.filter(pk=oslo.pk).delete()
    event(ann, ORDER, now)
    run(now)
    assert (ways(ann), StartRequest.objects.filter(journey=journey).count()) == ([], 1)
    version = redraw(journey, ordered())
    publish(journey.pk, by=None, now=now, version=version)
    run(now)
    assert ways(ann) == ["note>next: completed"]


def test_a_trigger_that_cannot_be_asked_starts_nobody_and_stops_no_other(now, ann, monkeypatch):
    live(ordered(), now=now)
    other = live(graph(step("note", "t_note"), triggers=[happens("cart.updated")]), now=now, name="Other")
    usual = Happens.started

    def started(self, cleaned, events):
        found = usual(self, cleaned, events)
        wrong = "(%s || 'x')::int" if cleaned["event"] == ORDER else "coalesce(e.properties ->> %s, '')"
        return Sql(found.text.replace("coalesce(e.properties ->> %s, '')", wrong), found.params)

    monkeypatch.setattr(Happens, "started", started)
    event(ann, ORDER, now)
    event(ann, "cart.updated", now)
    run(now)
    assert ways(ann) == ["note>next: completed"]
    assert ways(ann, other) == ["note>next: completed"]


def test_time_lets_everybody_in_once_a_day_also_after_a_stop(now, ann):
    live(graph(step("note", "t_note"), triggers=[Trigger("day", "t_daily")]), now=now)
    run(now)
    assert ways(ann) == []
    run(now + 3 * DAY)
    assert len(ways(ann)) == 3
    run(now + 3 * DAY + timedelta(minutes=1))
    assert len(ways(ann)) == 3
    assert told(ann) == ["entered", "entered", "entered"] + ["left (completed)"] * 3
    assert notes(ann) == "note note note"


def test_a_condition_that_cannot_be_read_keeps_people_waiting_and_says_so(now, ann):
    oslo = make("Oslo", city("Oslo"), now=now)
    inside = {"version": 1, "rule": {"all": [{"field": "segments", "operator": "has_any_of", "value": [oslo.pk]}]}}
    journey = live(ordered(Rules(entry=inside)), now=now)
    first = JourneyStep.objects.get(version__journey=journey)
    Segment.objects.filter(pk=oslo.pk).delete()
    empty_memory()
    entering.request(journey.pk, [ann.pk], now=now)
    assert anything_due(now)
    run(now)
    first.refresh_from_db()
    assert first.problem.startswith("Entry condition: ")
    assert (StartRequest.objects.count(), ways(ann), refused(journey)) == (1, [], {})
    assert not anything_due(now)
    assert anything_due(now + LOOK_AGAIN)
    JourneyVersion.objects.update(graph=ordered().stored())
    empty_memory()
    run(now + LOOK_AGAIN)
    first.refresh_from_db()
    assert (first.problem, ways(ann)) == ("", ["note>next: completed"])
