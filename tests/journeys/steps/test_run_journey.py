"""A journey within a journey: begun once, waited for until she is out of it, however she comes out."""

from datetime import timedelta

import pytest

from journeys.engine import entering, leaving
from journeys.engine.models import Enrolment, StartRequest
from journeys.graph.graph import Rules, Trigger
from journeys.journey import control
from journeys.journey.models import JourneyStep
from journeys.journey.publishing import publish
from tests.contacts.segments.living import city, rule
from tests.journeys.engine.conftest import NOW, _without_stage_rules, ann, bob, now, tiny  # noqa: F401
from tests.journeys.living import graph, live, redraw, refused, run, step, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HAND = (Trigger("hand", "by_hand"),)
WAIT = step("wait", "t_wait", seconds=86_400)


def inner(rules=None):
    return live(graph(WAIT, triggers=HAND, rules=rules), now=NOW, name="Inner")


def outer(journey, **settings):
    asked = {"journey": journey.pk, "left_out": "on"} | settings
    steps = (step("run", "run_journey", **asked), step("note", "t_note"))
    steps += (step("other", "t_note"),) if asked != {"journey": journey.pk, "left_out": "on"} else ()
    links = [("run", "next", "note")]
    links += [("run", "refused", "other")] if asked["left_out"] == "own" else []
    links += [("run", "timed_out", "other")] if "n" in asked else []
    return live(graph(*steps, triggers=HAND, links=links), now=NOW, name=f"Outer {len(settings)}")


def start(journey, *people):
    entering.request(journey.pk, [person.pk for person in people], now=NOW)
    run(NOW)


def test_she_waits_until_she_is_out_and_is_asked_for_once(ann, bob):  # noqa: F811
    within = inner()
    around = outer(within)
    start(around, ann, bob)
    for minutes in (1, 2, 600):
        run(NOW + minutes * MINUTE)
    assert ways(ann) == ["at run", "at wait"]
    assert (refused(within), StartRequest.objects.count()) == ({}, 0)
    with_bob = Enrolment.objects.get(contact_id=bob.pk, journey=around)
    assert with_bob.due_at is None  # nothing but the event wakes her
    leaving.remove(within.pk, [bob.pk], now=NOW + DAY / 2)
    run(NOW + DAY / 2)
    assert ways(bob, around) == ["run>next note>next: completed"]
    assert ways(ann, around) == ["at run"]
    run(NOW + DAY)
    assert ways(ann) == ["run>next note>next: completed", "wait>next: completed"]


def test_who_is_not_let_in_goes_on_or_a_way_of_her_own(ann, bob):  # noqa: F811
    within = inner(Rules(entry=rule(city("Oslo"))))
    start(outer(within), ann)
    own = outer(within, left_out="own")
    start(own, bob)
    assert [ways(ann), ways(bob)] == [["at run"], ["at run"]]
    run(NOW + MINUTE)
    assert ways(ann) == ["run>next note>next: completed"]
    assert ways(bob) == ["run>refused other>next: completed"]
    assert refused(within) == {"entry": 2}


def test_after_the_longest_wait_she_goes_on_and_stays_inside_the_other(ann):  # noqa: F811
    around = outer(inner(), n=2, unit="hours")
    start(around, ann)
    run(NOW + 2 * 60 * MINUTE - timedelta(seconds=1))
    assert ways(ann, around) == ["at run"]
    run(NOW + 2 * 60 * MINUTE)
    assert ways(ann) == ["run>timed_out other>next: completed", "at wait"]


def test_while_the_other_is_paused_she_waits_with_her_request(ann):  # noqa: F811
    within = inner()
    control.pause(within.pk)
    around = outer(within)
    start(around, ann)
    run(NOW + 3 * MINUTE)
    assert (ways(ann), StartRequest.objects.count()) == (["at run"], 1)
    control.resume(within.pk)
    run(NOW + 4 * MINUTE)
    run(NOW + 5 * MINUTE)
    assert ways(ann, within) == ["at wait"]
    assert ways(ann, around) == ["at run"]


def test_a_new_version_begins_nothing_anew(ann):  # noqa: F811
    within = inner(Rules(again="always"))
    around = outer(within)
    start(around, ann)
    run(NOW + MINUTE)
    waiting = JourneyStep.objects.get(version__journey=around, key="run")
    drawn = graph(step("run", "run_journey", journey=within.pk, left_out="on"), triggers=HAND)
    publish(around.pk, by=None, now=NOW + MINUTE, version=redraw(around, drawn), moves={waiting.pk: "run"})
    run(NOW + 2 * MINUTE)
    leaving.remove(within.pk, [ann.pk], now=NOW + 3 * MINUTE)
    run(NOW + 3 * MINUTE)
    assert ways(ann, within) == ["removed"]
    assert Enrolment.objects.filter(journey=within).count() == 1
    assert Enrolment.objects.get(journey=around).end == "completed"


def test_two_that_would_wait_for_each_other_hold_and_say_so(ann):  # noqa: F811
    first = inner()
    second = outer(first)
    drawn = graph(step("run", "run_journey", journey=second.pk, left_out="on"), triggers=HAND)
    publish(first.pk, by=None, now=NOW, version=redraw(first, drawn))
    start(second, ann)
    assert ways(ann) == ["at run"]
    held = JourneyStep.objects.get(version__journey=second, key="run")
    assert "each would wait for the other" in held.problem
    assert StartRequest.objects.count() == 0
