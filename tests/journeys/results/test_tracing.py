"""The way of one person: every step with why, where she is, what is next; and why she got a mail."""

from datetime import timedelta

import pytest

from campaigns.campaign.causes import cause_of
from campaigns.sending.models import Message
from contacts.models import Contact
from journeys.engine import guiding
from journeys.engine.models import Enrolment, StepCount, Trace
from journeys.errors import WrongState
from journeys.journey import control
from journeys.results.tracing import ways
from tests.journeys.living import run, told

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def way(world, place):
    [found] = ways([world.people[place].pk])
    return found


def test_each_step_with_why_and_what_is_next(world):
    found = way(world, 0)
    assert [(stop.key, stop.name, stop.why, bool(stop.mail_url)) for stop in found.stops] == [
        ("mail", f"Send the mail “{world.template}”", "", True),
        ("care", "Tiny", "", False),
    ]
    assert (found.here_key, found.is_inside, found.version) == ("wait", True, 1)
    assert found.enrolment.due_at == world.began + 10 * DAY
    assert found.ways == (("next", "then", "the end"),)
    assert "cart" in found.cause.lower()


def test_left_out_and_set_aside_are_told(world):
    refused = way(world, 4).stops[0]
    assert refused.why == "got no mail: has refused marketing"
    assert refused.mail_url == ""
    aside = way(world, 3)
    assert (aside.here_key, [stop.key for stop in aside.stops]) == ("care", ["mail"])
    assert "Poison" in aside.enrolment.problem


def test_cost_does_not_grow_with_ways(world, django_assert_num_queries):
    ways([person.pk for person in world.people[:1]])
    with django_assert_num_queries(6):
        assert len(ways([world.people[0].pk])) == 1
    with django_assert_num_queries(6):
        assert len(ways([person.pk for person in world.people[:3]])) == 3


def test_mail_says_which_step_of_which_journey_and_why(world):
    message = Message.objects.get(dispatch=world.dispatch, contact_id=world.people[0].pk)
    cause = cause_of(message)
    enrolment = Enrolment.objects.get(contact_id=world.people[0].pk)
    assert cause.url == f"/people/{world.people[0].pk}/journeys/#way-{enrolment.pk}"
    assert f"Journey “Welcome”: Send the mail “{world.template}”." in cause.text
    assert "cart" in cause.text.lower()


def test_mail_of_no_journey_has_no_such_cause(world):
    message = Message.objects.get(dispatch=world.dispatch, contact_id=world.people[0].pk)
    Trace.objects.filter(facts__message=message.pk).update(facts=None)
    assert cause_of(message) is None


# --- guiding by hand ---
def test_going_on_by_hand_is_traced_and_done_once(world, team, now):
    one = way(world, 3).enrolment
    assert guiding.move_on(one.pk, "next", visit=one.visit, by=team.mina, now=now)
    assert not guiding.move_on(one.pk, "next", visit=one.visit, by=team.mina, now=now)
    found = way(world, 3)
    assert (found.here_key, found.enrolment.problem, found.stops[-1].why) == ("wait", "", "sent on by Mina")
    assert StepCount.objects.get(step=one.step, hour=now).n == 1
    run(now + 11 * DAY)
    assert way(world, 3).enrolment.end == "completed"


def test_last_step_ends_the_journey(world, team, now):
    one = way(world, 0).enrolment
    assert guiding.move_on(one.pk, "next", visit=one.visit, by=team.mina, now=now)
    assert way(world, 0).enrolment.end == "completed"
    assert told(world.people[0]) == ["entered", "left (completed)"]


def test_nobody_goes_by_a_way_that_is_not_there_or_while_it_is_paused(world, team, now):
    one = way(world, 0).enrolment
    before = list(Trace.objects.values_list("pk", flat=True))
    with pytest.raises(guiding.WrongWay):
        guiding.move_on(one.pk, "nowhere", visit=one.visit, by=team.mina, now=now)
    control.pause(world.journey.pk)
    with pytest.raises(WrongState):
        guiding.move_on(one.pk, "next", visit=one.visit, by=team.mina, now=now)
    assert list(Trace.objects.values_list("pk", flat=True)) == before


def test_taken_out_once(world, now):
    one = way(world, 2).enrolment
    assert guiding.take_out(one.pk, now=now)
    assert not guiding.take_out(one.pk, now=now)
    assert way(world, 2).enrolment.end == "removed"
    assert Enrolment.objects.filter(ended_at=None).count() == 5
    assert Contact.objects.filter(pk=world.people[2].pk).exists()
