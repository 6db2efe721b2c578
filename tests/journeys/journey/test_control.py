"""Pause, resume, finish, archive, clone."""

from datetime import timedelta

import pytest

from journeys.engine import entering
from journeys.engine.models import StartRequest
from journeys.errors import WrongState
from journeys.journey import control
from journeys.journey.models import JourneyState, StepMove
from tests.journeys.living import event, graph, happens, live, notes, refused, run, step, told, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)
DRAWN = graph(step("wait", "t_wait", seconds=86_400), step("note", "t_note"), triggers=[happens("order.placed")])


def state(journey):
    journey.refresh_from_db()
    return journey.state


def test_nobody_moves_in_a_paused_journey_and_whoever_was_due_goes_on_after(now, ann):
    journey = live(DRAWN, now=now)
    event(ann, "order.placed", now)
    run(now)
    control.pause(journey.pk)
    control.pause(journey.pk)
    run(now + 5 * DAY)
    assert (ways(ann), state(journey)) == (["at wait"], "paused")
    control.resume(journey.pk)
    run(now + 5 * DAY)
    assert ways(ann) == ["wait>next note>next: completed"]


def test_in_a_finishing_journey_those_inside_come_to_the_end(now, ann, bob):
    journey = live(DRAWN, now=now)
    event(ann, "order.placed", now)
    run(now)
    control.finish(journey.pk)
    event(bob, "order.placed", now)
    run(now + DAY)
    assert (ways(ann), ways(bob)) == (["wait>next note>next: completed"], [])
    control.resume(journey.pk)
    event(bob, "order.placed", now + DAY)
    run(now + DAY)
    assert ways(bob) == ["at wait"]


def test_an_archived_journey_ends_everybody_and_takes_nobody(now, ann, bob):
    journey = live(DRAWN, now=now)
    event(ann, "order.placed", now)
    run(now)
    entering.request(journey.pk, [bob.pk], now=now)
    control.archive(journey.pk, now=now)
    assert not StartRequest.objects.exists()
    run(now)
    assert (ways(ann), told(ann), ways(bob)) == (["archived"], ["entered", "left (archived)"], [])
    entering.request(journey.pk, [bob.pk], now=now)
    run(now + 2 * DAY)
    assert (notes(), ways(bob), refused(journey)) == ("", [], {"closed": 1})
    assert not StepMove.objects.exists()


def test_what_has_no_arrow_is_refused(now):
    journey = live(DRAWN, now=now)
    control.archive(journey.pk, now=now)
    for act in (control.pause, control.resume, control.finish):
        with pytest.raises(WrongState, match="archived"):
            act(journey.pk)
    assert state(journey) == JourneyState.ARCHIVED


def test_a_clone_is_a_draft_of_its_own(now, ann):
    journey = live(DRAWN, now=now)
    copies = [control.clone(journey.pk, by=None, now=now) for _ in range(2)]
    assert [(copy.name, copy.state, copy.live) for copy in copies] == [
        ("Copy of Welcome", "draft", None),
        ("Copy 2 of Welcome", "draft", None),
    ]
    assert copies[0].draft == journey.draft
    event(ann, "order.placed", now)
    run(now)
    assert ways(ann) == ["at wait"]
