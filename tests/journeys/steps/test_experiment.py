"""Experiments: a fair draw first, a winner only where chance is no excuse, and everybody by its path after that."""

from collections import Counter
from datetime import timedelta

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from journeys.engine.models import Enrolment, Trace
from journeys.journey.models import Journey, JourneyStep, JourneyVersion
from journeys.steps.experiment import clear_winner
from tests.journeys.conftest import NOW

DAY = timedelta(days=1)
SETTINGS = {"paths": [{"label": "A"}, {"label": "B"}], "metric": "goal", "people": 100, "days": 3}


@pytest.fixture
def step(run):
    version = JourneyVersion.objects.create(
        journey=Journey.objects.create(name="J", draft={}), number=1, graph={}, published_at=NOW
    )
    step = JourneyStep.objects.create(version=version, key="here", kind="experiment")
    run.place["step_id"] = step.pk
    return step


def passed(step, outlet, count, hits, *, ago=4 * DAY, mailed=False):
    """Let people have gone by a path; of them some reached the goal, or clicked in the mail after it."""
    for number in range(count):
        person = Contact.objects.create(name="P")
        goal = NOW - DAY if number < hits and not mailed else None
        inside = Enrolment.objects.create(
            journey=step.version.journey, contact_id=person.pk, step=step, entered_at=NOW - ago, arrived_at=NOW - ago,
            goal_at=goal,
        )  # fmt: skip
        times = {"contact_id": person.pk, "arrived_at": NOW - ago, "left_at": NOW - ago, "step": step}
        Trace.objects.create(enrolment=inside, visit=0, outlet=outlet, **times)
        if mailed:
            Trace.objects.create(enrolment=inside, visit=1, outlet="next", facts={"message": person.pk}, **times)
            if number < hits:
                clicked = NewEvent(person.pk, "mail.clicked", NOW - DAY, properties={"message": person.pk})
                append([clicked], source="test", now=NOW)


def test_nobody_wins_by_chance_alone():
    assert clear_winner({"a": (500, 50), "b": (500, 60)}) == ""
    assert clear_winner({"a": (500, 50), "b": (500, 90)}) == "b"
    assert clear_winner({"a": (500, 50), "b": (500, 90), "c": (500, 88)}) == ""
    assert clear_winner({"a": (0, 0), "b": (500, 90)}) == ""
    assert clear_winner({"a": (500, 0), "b": (500, 0)}) == ""


def test_people_are_split_evenly_and_always_alike(outlets, step):
    crowd = [{"contact_id": number} for number in range(1, 2001)]
    first = outlets("experiment", SETTINGS, crowd)
    assert first == outlets("experiment", SETTINGS, crowd)
    assert abs(Counter(first)["x1"] - 1000) < 120


def test_winner_takes_all_once_there_are_enough(outlets, step):
    passed(step, "x1", 60, 3)
    passed(step, "x2", 39, 20)
    outlets("experiment", SETTINGS, [{"contact_id": 1}])
    assert JourneyStep.objects.get().winner == ""
    passed(step, "x2", 30, 15, ago=DAY)  # too late to count
    outlets("experiment", SETTINGS, [{"contact_id": 1}], at=NOW + timedelta(minutes=70))
    assert JourneyStep.objects.get().winner == ""
    passed(step, "x2", 1, 0)
    outlets("experiment", SETTINGS, [{"contact_id": 1}], at=NOW + timedelta(minutes=75))
    assert JourneyStep.objects.get().winner == ""  # looked at an hour ago at the earliest
    found = outlets("experiment", SETTINGS, [{"contact_id": n} for n in range(1, 30)], at=NOW + timedelta(hours=3))
    assert set(found) == {"x2"}
    assert JourneyStep.objects.get().winner == "x2"


def test_clicks_count_where_they_are_asked_for(outlets, step):
    passed(step, "x1", 50, 20, mailed=True)
    passed(step, "x2", 50, 2, mailed=True)
    assert set(outlets("experiment", SETTINGS | {"metric": "clicked"}, [{"contact_id": 1}])) == {"x1"}
