"""What goes wrong in a pass: a person who breaks it, a step that cannot be run, one that gives no answer."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from contacts.segments.rules.sql import Sql
from journeys.engine import entering
from journeys.engine.models import Enrolment
from journeys.engine.running import LOOK_AGAIN, try_again
from journeys.errors import StepBroken
from journeys.graph.graph import Rules
from journeys.journey.models import JourneyStep
from tests.contacts.segments.living import city, rule
from tests.journeys.living import Note, Wait, born, counts, event, graph, live, notes, run, step, told, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)
THROUGH = ["poison>next note>next: completed"]


def start(now, drawing, people):
    journey = live(drawing, now=now)
    entering.request(journey.pk, [person.pk for person in people], now=now)
    run(now)
    return journey


def crowd(now, names):
    return [born(name, now) for name in names]


POISONED = graph(step("poison", "t_poison"), step("note", "t_note"))


def test_a_person_who_breaks_the_pass_is_set_aside_and_the_others_go_on(now):
    people = crowd(now, ["Ann", "Bob", "Poison", "Cha", "Dan", "Poison", "Eva"])
    start(now, POISONED, people)
    for person in people:
        assert ways(person) == (["at poison"] if person.name == "Poison" else THROUGH)
    aside = Enrolment.objects.exclude(problem="")
    assert {row.contact_id for row in aside} == {person.pk for person in people if person.name == "Poison"}
    assert all("invalid input syntax" in row.problem and row.due_at is None for row in aside)
    assert JourneyStep.objects.get(key="poison").problem == ""
    run(now + DAY)
    assert Enrolment.objects.exclude(problem="").count() == 2
    Contact.objects.filter(name="Poison").update(name="Cured")
    assert try_again(JourneyStep.objects.get(key="poison").pk, now=now + DAY) == 2
    run(now + DAY)
    assert [ways(person) for person in people] == [THROUGH] * 7
    assert notes().split() == ["note"] * 7


def test_a_step_that_nobody_gets_through_is_held_instead(now):
    people = crowd(now, ["Poison"] * 30)
    start(now, POISONED, people)
    broken = JourneyStep.objects.get(key="poison")
    assert "invalid input syntax" in broken.problem
    assert broken.look_again_at == now + LOOK_AGAIN
    assert Enrolment.objects.exclude(problem="").count() == 20
    assert Enrolment.objects.filter(problem="", due_at=now + LOOK_AGAIN).count() == 10


def break_down(monkeypatch, why="The template was deleted."):
    def act(self, batch):
        raise StepBroken(why)

    monkeypatch.setattr(Note, "act", act)


def test_a_broken_step_holds_its_people_says_why_and_goes_on_when_it_is_mended(now, ann, bob, monkeypatch):
    with monkeypatch.context() as broken:
        break_down(broken)
        start(now, graph(step("note", "t_note"), rules=Rules(exit=rule(city("Rome")))), [ann, bob])
        held = JourneyStep.objects.get()
        assert (held.problem, held.look_again_at) == ("The template was deleted.", now + LOOK_AGAIN)
        assert (ways(ann), ways(bob)) == (["at note"], ["at note"])
        Contact.objects.filter(pk=bob.pk).update(city="Rome")
        event(bob, "contact.updated", now)
        run(now + timedelta(minutes=1))
        assert (ways(ann), told(bob)) == (["at note"], ["entered", "left (exit)"])
    run(now + timedelta(minutes=4))
    assert ways(ann) == ["at note"]
    run(now + timedelta(minutes=6))
    assert (ways(ann), notes()) == (["note>next: completed"], "note")
    held.refresh_from_db()
    assert (held.problem, held.look_again_at) == ("", None)


def test_a_step_that_can_be_tried_at_once_is(now, ann, monkeypatch):
    with monkeypatch.context() as broken:
        break_down(broken)
        start(now, graph(step("note", "t_note")), [ann])
    try_again(JourneyStep.objects.get().pk, now=now)
    run(now)
    assert ways(ann) == ["note>next: completed"]


def test_a_step_whose_settings_are_good_no_more_says_which(now, ann):
    journey = live(graph(step("wait", "t_wait", seconds=1)), now=now)
    version = journey.live
    version.graph["steps"][0]["settings"] = {}
    version.save()
    from tests.journeys.living import empty_memory

    empty_memory()
    entering.request(journey.pk, [ann.pk], now=now)
    run(now)
    assert JourneyStep.objects.get().problem == "Seconds: This field is required."


def test_a_step_must_answer_for_everybody(now, ann, bob, monkeypatch):
    some = lambda self, batch: Sql(  # noqa: E731
        f"SELECT id, 'next', NULL::timestamptz, NULL::jsonb FROM {batch.rows} ORDER BY id LIMIT 1"
    )
    monkeypatch.setattr(Note, "outcome", some)
    start(now, graph(step("note", "t_note")), [ann, bob])
    assert JourneyStep.objects.get().problem == "t_note: not everybody was given an answer"
    assert (ways(ann), ways(bob), notes()) == (["at note"], ["at note"], "")


def test_a_step_that_wants_to_be_asked_at_once_again_does_not_keep_the_others_waiting(now, ann, monkeypatch):
    at_once = lambda self, batch: Sql(f"SELECT id, NULL, at, NULL::jsonb FROM {batch.rows}")  # noqa: E731
    monkeypatch.setattr(Wait, "outcome", at_once)
    start(now, graph(step("wait", "t_wait", seconds=1)), [ann])
    assert Enrolment.objects.get().due_at == now + timedelta(seconds=1)


def test_a_loop_with_a_wait_goes_round_and_each_visit_is_a_step_of_its_own(now, ann):
    drawing = graph(
        step("note", "t_note"),
        step("wait", "t_wait", seconds=60),
        links=[("note", "next", "wait"), ("wait", "next", "note")],
    )
    journey = start(now, drawing, [ann])
    for minute in range(1, 4):
        run(now + timedelta(minutes=minute))
    assert ways(ann) == ["note>next wait>next note>next wait>next note>next wait>next note>next: at wait"]
    assert notes(ann) == "note note note note"
    assert counts(journey) == {"note>next": 4, "wait>next": 3}


def test_nobody_goes_round_and_round_when_what_is_waited_for_has_happened_already(now, ann):
    drawing = graph(
        step("await", "t_await", event="mail.clicked", seconds=86_400),
        step("note", "t_note"),
        links=[("await", "happened", "note"), ("note", "next", "await")],
    )
    start(now, drawing, [ann])
    event(ann, "mail.clicked", now + timedelta(minutes=5))
    run(now + timedelta(minutes=5))
    assert notes() == "note"
    run(now + timedelta(minutes=6))
    assert notes() == "note note"
