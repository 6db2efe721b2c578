"""Steps that hold people back or send them elsewhere: conditions, a slow pace, jumps, other journeys."""

from datetime import timedelta

import pytest

from contacts.people.models import Contact
from journeys.engine.models import End, Enrolment, StartRequest, Trace
from journeys.errors import StepBroken
from journeys.graph.graph import Graph, Link, Step
from journeys.journey.models import Journey, JourneyStep, JourneyVersion
from journeys.steps.jump import JUMP_STEP
from tests.journeys.conftest import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rule(*nodes):
    return {"version": 1, "rule": {"all": list(nodes)}}


IN_SEOUL = rule({"field": "city", "operator": "is_any_of", "value": ["Seoul"]})
NEVER, A_WEEK = {"operator": "at_most", "n": 0}, {"last": {"n": 7, "unit": "days"}}
QUIET = rule({"did": "order.placed", "times": NEVER, "window": A_WEEK})


# --- conditions ---
def test_waits_until_the_rule_holds_or_the_time_is_over(run):
    seoul, busan = (Contact.objects.create(name=name, city=name) for name in ("Seoul", "Busan"))
    rows = [seoul, busan, {"contact_id": busan.pk, "arrived_at": NOW - 2 * DAY}, {"contact_id": 999_999}]
    found = run("wait_until", {"rule": IN_SEOUL, "n": 2, "unit": "days"}, rows)
    assert [row[0] for row in found] == ["holds", None, "timed_out", None]
    assert found[1][1] == NOW + 2 * DAY


def test_rule_that_moves_with_time_is_looked_at_every_hour(run):
    ann = Contact.objects.create(name="Ann")
    from contacts.ledger.append import NewEvent, append

    append([NewEvent(ann.pk, "order.placed", NOW - DAY)], source="test", now=NOW)
    from contacts.ledger.follow import catch_up

    catch_up(NOW)
    rows = [ann, {"contact_id": ann.pk, "arrived_at": NOW - DAY + HOUR / 2}]
    found = run("wait_until", {"rule": QUIET, "n": 1, "unit": "days"}, rows)
    assert [row[:2] for row in found] == [(None, NOW + HOUR), (None, NOW + HOUR / 2)]


# --- pace ---
def test_so_many_an_hour_in_the_order_of_arrival(run):
    Trace.objects.create(
        enrolment_id=1, visit=0, contact_id=1, step_id=1, outlet="next", arrived_at=NOW, left_at=NOW - HOUR / 2
    )
    rows = [{"contact_id": n, "arrived_at": NOW - n * HOUR} for n in range(1, 6)]
    found = run("throttle", {"n": 3}, rows)
    assert [row[0] for row in found] == [None, None, None, "next", "next"]
    assert [row[1] for row in found[:3]] == [NOW + HOUR, NOW + HOUR * 2 / 3, NOW + HOUR / 3]
    Trace.objects.update(left_at=NOW - HOUR)
    assert [row[0] for row in run("throttle", {"n": 3}, rows)].count("next") == 3


# --- jumps ---
def test_jump_leads_on_without_a_drawn_link():
    steps = (Step("a", "wait"), Step("j", "jump", {"to": "a"}), Step("lost", "jump", {"to": "nowhere"}))
    graph = Graph(first="a", steps=steps, links=(Link("a", "next", "j"),))
    assert graph.targets == {("a", "next"): "j", ("j", "next"): "a"}
    assert list(graph.after("j")) == ["a"]
    assert [link.stored() for link in graph.links] == graph.stored()["links"]
    form = JUMP_STEP.read({"to": "nowhere"})
    assert form.is_valid()
    (found,) = JUMP_STEP.problems(steps[2], graph, form.cleaned_data)
    assert (found.code, found.at, found.field) == ("step_gone", "lost", "to")


def test_jumps_alone_are_a_loop_without_a_wait(db):
    from journeys.journey.checking import problems

    steps = (Step("a", "goal", row=0), Step("j", "jump", {"to": "a"}, row=1))
    graph = Graph(first="a", steps=steps, links=(Link("a", "next", "j"),))
    assert "endless" in {problem.code for problem in problems(graph)}


# --- other journeys ---
def test_people_are_put_into_another_journey_and_taken_out(outlets):
    other = Journey.objects.create(name="Other", draft={})
    people = [Contact.objects.create(name=name) for name in ("Ann", "Bob")]
    rows = [{"contact_id": people[0].pk, "key": "A-1", "cause": 5}, people[1]]
    assert outlets("other_journey", {"what": "add", "journey": other.pk}, rows) == ["next"] * 2
    asked = StartRequest.objects.order_by("contact_id").values_list("journey", "contact_id", "key", "cause", "at")
    assert list(asked) == [(other.pk, people[0].pk, "A-1", 5, NOW), (other.pk, people[1].pk, "", None, NOW)]
    version = JourneyVersion.objects.create(journey=other, number=1, graph={}, published_at=NOW)
    step = JourneyStep.objects.create(version=version, key="a", kind="wait")
    inside = Enrolment.objects.create(journey=other, contact_id=people[0].pk, step=step, entered_at=NOW, arrived_at=NOW)
    assert outlets("other_journey", {"what": "remove", "journey": other.pk}, people) == ["next"] * 2
    inside.refresh_from_db()
    assert (inside.end, inside.ended_at) == (End.REMOVED, NOW)


def test_nobody_is_taken_out_of_the_very_journey(run, db):
    own = Journey.objects.create(name="Own", draft={})
    run.place["journey_id"] = own.pk
    with pytest.raises(StepBroken, match="End"):
        run("other_journey", {"what": "remove", "journey": own.pk}, [Contact.objects.create(name="Ann")])
