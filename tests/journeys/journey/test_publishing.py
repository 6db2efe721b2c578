"""Publishing: twice is once, refused with the list, people kept, moved or let go, rolled back, used segments kept."""

from datetime import timedelta

import pytest

from contacts.segments import saving
from contacts.segments.uses import InUse, counts
from journeys.engine import entering
from journeys.engine.models import Enrolment
from journeys.errors import PublishRefused, StaleDraft, WrongState
from journeys.graph.graph import Rules
from journeys.journey import control
from journeys.journey.models import Journey, JourneyState, JourneyStep, JourneyVersion, StepMove
from journeys.journey.publishing import LEAVE, fitting, publish, roll_back, waiting
from tests.contacts.segments.living import city, make
from tests.journeys.living import born, enters, graph, happens, live, notes, redraw, run, step, told, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)
FIRST = graph(step("wait", "t_wait", seconds=86_400), step("old", "t_note"))
SECOND = graph(step("wait", "t_wait", seconds=3 * 86_400), step("new", "t_note"))


def started(now, *people, drawing=FIRST):
    journey = live(drawing, now=now)
    entering.request(journey.pk, [person.pk for person in people], now=now)
    run(now)
    return journey


def at(journey, key, number=1):
    return JourneyStep.objects.get(version__journey=journey, version__number=number, key=key).pk


def test_publishing_one_draft_twice_is_publishing_once(now, ann):
    journey = started(now, ann)
    first = JourneyVersion.objects.get()
    again = publish(journey.pk, by=None, now=now + DAY, version=journey.version, moves={at(journey, "wait"): LEAVE})
    assert (again, JourneyVersion.objects.count(), StepMove.objects.count()) == (first, 1, 0)
    assert first.published_at == now


def test_a_draft_that_was_changed_meanwhile_is_not_published(now, ann):
    journey = started(now, ann)
    version = redraw(journey, SECOND)
    with pytest.raises(StaleDraft):
        publish(journey.pk, by=None, now=now, version=version + 1)
    with pytest.raises(StaleDraft):
        publish(journey.pk, by=None, now=now, version=version - 2)
    assert JourneyVersion.objects.count() == 1


def test_a_drawing_with_errors_is_refused_with_all_of_them_and_nothing_changes(now):
    drawn = graph(step("wait", "t_wait"), step("gone", "t_gone"), triggers=[happens("")])
    journey = Journey.objects.create(name="Wrong", draft=drawn.stored())
    with pytest.raises(PublishRefused) as refused:
        publish(journey.pk, by=None, now=now, version=1)
    assert {problem.at for problem in refused.value.problems} == {"wait", "gone", "in"}
    journey.refresh_from_db()
    assert (journey.state, journey.live, JourneyStep.objects.count()) == (JourneyState.DRAFT, None, 0)


def test_people_keep_their_version_unless_it_is_said(now, ann, bob):
    journey = started(now, ann)
    publish(journey.pk, by=None, now=now, version=redraw(journey, SECOND))
    entering.request(journey.pk, [bob.pk], now=now)
    run(now)
    assert [(one.key, one.number, one.people) for one in waiting(journey.pk)] == [("wait", 2, 1), ("wait", 1, 1)]
    run(now + DAY)
    assert (ways(ann), ways(bob)) == (["wait>next old>next: completed"], ["at wait"])
    run(now + 3 * DAY)
    assert ways(bob) == ["wait>next new>next: completed"]


def test_people_moved_to_the_same_step_of_the_new_version_wait_from_when_they_came(now, ann):
    journey = started(now, ann)
    moves = {at(journey, "wait"): "wait"}
    publish(journey.pk, by=None, now=now + DAY / 2, version=redraw(journey, SECOND), moves=moves)
    run(now + DAY / 2)
    assert [(one.key, one.number, one.people) for one in waiting(journey.pk)] == [("wait", 2, 1)]
    run(now + 3 * DAY - timedelta(seconds=1))
    assert ways(ann) == ["at wait"]
    run(now + 3 * DAY)
    assert ways(ann) == ["wait>next new>next: completed"]


def test_people_moved_to_another_step_begin_there_and_those_let_go_leave(now, ann, bob):
    drawn = graph(
        step("wait", "t_wait", seconds=86_400), step("await", "t_await", event="mail.clicked", seconds=86_400 * 9)
    )
    journey = started(now, ann, drawing=drawn)
    run(now + DAY)
    entering.request(journey.pk, [bob.pk], now=now + DAY)
    run(now + DAY)
    assert (ways(ann), ways(bob)) == (["wait>next: at await"], ["at wait"])
    moves = {at(journey, "await"): "new", at(journey, "wait"): LEAVE}
    publish(journey.pk, by=None, now=now + DAY, version=redraw(journey, SECOND), moves=moves)
    run(now + DAY)
    assert ways(ann) == ["wait>next await>moved new>next: completed"]
    assert ways(bob) == ["moved"]
    assert told(bob) == ["entered", "left (moved)"]
    assert not StepMove.objects.exists()


def test_people_go_in_ranges_and_run_nowhere_meanwhile(now, monkeypatch):
    people = [born(f"P{number}", now) for number in range(7)]
    journey = started(now, *people)
    monkeypatch.setattr("journeys.engine.moving.RANGE", 3)
    moves = {at(journey, "wait"): "new"}
    publish(journey.pk, by=None, now=now + DAY, version=redraw(journey, SECOND), moves=moves)
    from journeys.engine import moving, running

    assert moving.move_people(now + DAY) == 3
    running.run_due(now + DAY)
    assert notes() == "new new new"
    assert Enrolment.objects.filter(step=at(journey, "wait")).count() == 4
    run(now + DAY)
    assert notes() == " ".join(["new"] * 7)


def test_people_cannot_be_moved_to_a_step_that_is_not_there(now, ann):
    journey = started(now, ann)
    with pytest.raises(PublishRefused, match="old"):
        publish(journey.pk, by=None, now=now, version=redraw(journey, SECOND), moves={at(journey, "wait"): "old"})
    assert (JourneyVersion.objects.count(), StepMove.objects.count()) == (1, 0)


def test_moves_of_another_journeys_people_are_not_made(now, ann):
    journey = started(now, ann)
    other = live(SECOND, now=now, name="Other")
    publish(other.pk, by=None, now=now, version=redraw(other, FIRST), moves={at(journey, "wait"): LEAVE})
    run(now)
    assert ways(ann) == ["at wait"]


def test_rolling_back_publishes_the_older_drawing_and_keeps_the_draft(now, ann, bob):
    journey = started(now, ann)
    publish(journey.pk, by=None, now=now, version=redraw(journey, SECOND))
    back = roll_back(journey.pk, 1, by=None, now=now, live_number=2)
    assert (back.number, back.note, back.graph) == (3, "Back to version 1", FIRST.stored())
    with pytest.raises(StaleDraft):
        roll_back(journey.pk, 1, by=None, now=now, live_number=2)
    journey.refresh_from_db()
    assert (journey.live, journey.draft) == (back, SECOND.stored())
    entering.request(journey.pk, [bob.pk], now=now)
    run(now + DAY)
    run(now + 2 * DAY)
    assert ways(bob) == ["wait>next old>next: completed"]


def test_what_a_journey_on_its_way_reads_cannot_be_deleted(now):
    oslo = make("Oslo", city("Oslo"), now=now)
    drawn = graph(step("note", "t_note"), triggers=[enters(oslo)], rules=Rules(left_segment=oslo.pk))
    journey = live(drawn, now=now)
    assert counts([oslo.pk]) == {oslo.pk: 1}
    with pytest.raises(InUse, match="Journey “Welcome”"):
        saving.delete(oslo)
    control.archive(journey.pk, now=now)
    assert counts([oslo.pk]) == {oslo.pk: 0}


def test_how_many_could_be_started_with(now):
    for number in range(3):
        born(f"P{number}", now, city="Oslo")
    oslo = make("Oslo", city("Oslo"), now=now)
    drawn = graph(step("note", "t_note"), triggers=[enters(oslo, "seg"), happens("cart.updated", key="ev")])
    assert fitting(drawn, now=now) == {"seg": 3}


def test_an_archived_journey_is_not_published(now, ann):
    journey = started(now, ann)
    control.archive(journey.pk, now=now)
    with pytest.raises(WrongState, match="archived"):
        publish(journey.pk, by=None, now=now, version=redraw(journey, SECOND))
    assert JourneyVersion.objects.count() == 1
