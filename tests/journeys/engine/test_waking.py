"""Waking: events for those who wait, two at once, merges, and the race of a wake with the step's own transaction."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from contacts.identity.merge import merge, unmerge
from contacts.ledger.follow import catch_up
from journeys.engine import entering, running, tasks
from journeys.engine.models import Enrolment, Touched
from journeys.graph.graph import Rules
from tests.contacts.segments.test_races import Beside
from tests.journeys.living import born, event, graph, live, notes, run, step, ways

HOUR = timedelta(hours=1)
AWAIT = graph(
    step("await", "t_await", event="mail.clicked", seconds=86_400),
    step("yes", "t_note"),
    step("no", "t_note"),
    links=[("await", "happened", "yes"), ("await", "timed_out", "no")],
)
HAPPENED, TIMED_OUT = ["await>happened yes>next: completed"], ["await>timed_out no>next: completed"]

pytestmark = pytest.mark.usefixtures("tiny")


def start(now, *people, drawing=AWAIT):
    journey = live(drawing, now=now)
    entering.request(journey.pk, [person.pk for person in people], now=now)
    run(now)
    return journey


@pytest.mark.django_db
def test_an_event_wakes_whoever_waits_for_it_and_nobody_else(now, ann, bob):
    start(now, ann, bob)
    event(bob, "mail.opened", now + HOUR)
    event(ann, "mail.clicked", now + HOUR)
    event(ann, "mail.clicked", now + HOUR)
    catch_up(now + HOUR)
    assert Enrolment.objects.get(contact_id=bob.pk).due_at == now + 24 * HOUR
    run(now + HOUR)
    assert (ways(ann), ways(bob)) == (HAPPENED, ["at await"])
    run(now + 24 * HOUR)
    assert (ways(bob), notes(ann), notes(bob)) == (TIMED_OUT, "yes", "no")


@pytest.mark.django_db
def test_the_earliest_wins_though_it_is_read_late(now, ann, bob):
    start(now, ann, bob)
    event(ann, "mail.clicked", now + 23 * HOUR, recorded=now + 30 * HOUR)
    event(bob, "mail.clicked", now + 25 * HOUR, recorded=now + 30 * HOUR)
    run(now + 30 * HOUR)
    assert (ways(ann), ways(bob)) == (HAPPENED, TIMED_OUT)


@pytest.mark.django_db
def test_what_happened_before_she_came_to_the_wait_is_found_there(now, ann):
    first = graph(step("wait", "t_wait", seconds=3600), *AWAIT.steps, links=[("wait", "next", "await"), *_links()])
    start(now, ann, drawing=first)
    event(ann, "mail.clicked", now + timedelta(minutes=5))
    run(now + HOUR)
    assert ways(ann) == ["wait>next await>happened yes>next: completed"]


def _links():
    return [("await", "happened", "yes"), ("await", "timed_out", "no")]


@pytest.mark.django_db
def test_two_who_are_one_the_longer_way_goes_on_and_the_others_events_count(now, ann, bob):
    journey = start(now, ann)
    entering.request(journey.pk, [bob.pk], now=now + HOUR)
    run(now + HOUR)
    event(bob, "mail.clicked", now + 2 * HOUR)
    record = merge(bob.pk, ann.pk, by=None, now=now + 2 * HOUR)
    run(now + 2 * HOUR)
    assert (ways(ann), ways(bob)) == ([], [*HAPPENED, "merged"])
    assert notes(bob) == "yes"
    unmerge(record, now=now + 3 * HOUR)
    run(now + 3 * HOUR)
    assert ways(ann) == HAPPENED
    assert ways(bob) == HAPPENED  # her own click, looked up anew
    assert not Touched.objects.exists()


@pytest.mark.django_db
def test_a_merged_person_does_not_come_in_again(now, ann, bob):
    journey = start(now, ann, drawing=graph(step("note", "t_note")))
    merge(bob.pk, ann.pk, by=None, now=now)
    entering.request(journey.pk, [bob.pk], now=now)
    run(now)
    assert ways(bob) == ["note>next: completed"]


# --- races, on two connections ---


@pytest.mark.django_db(transaction=True)
def test_a_wake_that_meets_the_steps_own_transaction_is_not_lost(now, monkeypatch):
    ann = born("Ann", now)
    start(now, ann)
    looked, may_commit = threading.Event(), threading.Event()
    moved = running.Runner.move

    def move(self, *args):
        moved(self, *args)
        looked.set()
        assert may_commit.wait(20)

    Enrolment.objects.update(due_at=now + HOUR)  # somebody looks at her, and finds nothing yet
    with monkeypatch.context() as patched:
        patched.setattr(running.Runner, "move", move)
        looking = Beside(lambda: running.run_due(now + HOUR))
        assert looked.wait(20)
        event(ann, "mail.clicked", now + HOUR)
        catch_up(now + HOUR)
        assert Touched.objects.count() == 1  # she cannot be woken now: noted still
        may_commit.set()
        looking.join()
    assert ways(ann) == ["at await"]
    run(now + HOUR)
    assert (ways(ann), Touched.objects.count()) == (HAPPENED, 0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_everybody_once(now):
    people = [born(f"P{number}", now) for number in range(300)]
    journey = live(graph(step("one", "t_note"), step("two", "t_note"), rules=Rules()), now=now)
    entering.request(journey.pk, [person.pk for person in people], now=now)

    def work():
        while tasks.work(now):
            pass

    both = [Beside(work), Beside(work)]
    for worker in both:
        worker.join()
    run(now)
    assert sorted(notes().split()) == ["one"] * 300 + ["two"] * 300
    assert {tuple(ways(person)) for person in people} == {("one>next two>next: completed",)}


@pytest.mark.django_db(transaction=True)
def test_two_admissions_at_once_let_a_person_in_once(now):
    ann = born("Ann", now)
    journey = live(graph(step("note", "t_note")), now=now)
    for _ in range(2):
        entering.request(journey.pk, [ann.pk], now=now)
    with transaction.atomic():
        assert entering.admit(now, limit=1) == 1
        other = []
        Beside(lambda: other.append(entering.admit(now, limit=1))).join()
        assert other == [0]
    run(now)
    assert ways(ann) == ["note>next: completed"]
