"""Random drawings, events, clocks, kills and doubled workers: the engine's traces equal those of plain Python."""

import random
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts.ledger.follow import catch_up
from contacts.models import Event
from journeys.engine import entering, moving, running, tasks, waking
from journeys.engine.models import Enrolment, StepCount, Trace
from journeys.journey.models import Journey, JourneyStep
from tests.contacts.segments.test_races import Beside
from tests.journeys.engine.oracle import walks
from tests.journeys.living import born, empty_memory, event, graph, happens, live, run, step

OUTLETS = {"t_note": ["next"], "t_wait": ["next"], "t_branch": ["even", "odd"], "t_await": ["happened", "timed_out"]}
WAITING = ("t_wait", "t_await")
CLICK = "mail.clicked"


class Killed(BaseException):
    """A worker ends here, without a word."""


@st.composite
def drawings(draw):
    """Draw steps of every kind; links go forward, or back to a step at which everybody waits at least a second."""
    kinds = draw(st.lists(st.sampled_from(sorted(OUTLETS)), min_size=1, max_size=8))
    steps = [step(f"s{number}", kind, **_settings(draw, kind)) for number, kind in enumerate(kinds)]
    links = []
    for number, kind in enumerate(kinds):
        back = [other for other in range(number + 1) if _holds(steps[other])]
        targets = [None, *range(number + 1, len(kinds)), *back]
        for outlet in OUTLETS[kind]:
            target = draw(st.sampled_from(targets))
            if target is not None:
                links.append((f"s{number}", outlet, f"s{target}"))
    return graph(*steps, links=links, triggers=[happens("order.placed")])


def _holds(drawn):
    """Tell whether nobody gets through the step at the look at which she came."""
    return drawn.kind == "t_wait" or drawn.settings.get("since") == "arrived_at"


def _settings(draw, kind):
    if kind not in WAITING:
        return {}
    seconds = {"seconds": draw(st.integers(min_value=1, max_value=50))}
    since = draw(st.sampled_from(["entered_at", "arrived_at"]))
    return seconds | ({"event": CLICK, "since": since} if kind == "t_await" else {})


@st.composite
def lives(draw):
    """Draw looks at whole seconds, and for a few people when they come in and when they click."""
    looks = sorted(draw(st.sets(st.integers(min_value=0, max_value=200), min_size=2, max_size=8)))
    people = draw(
        st.lists(
            st.tuples(st.sampled_from(looks), st.lists(st.integers(min_value=0, max_value=200), max_size=4)),
            min_size=1,
            max_size=6,
        )
    )
    return looks, people


@contextmanager
def kills(monkeypatch, chance, odds):
    """Kill whoever works, now and then: before and after each step's act, before a move, and amid admissions."""

    def deadly(real):
        def work(*args, **options):
            if chance.random() < odds:
                raise Killed
            found = real(*args, **options)
            if chance.random() < odds:
                raise Killed
            return found

        return work

    with monkeypatch.context() as patched:
        for place, name in (
            (running.Runner, "_do"),
            (running.Runner, "_claim"),
            (entering, "_let_in"),
            (waking, "_wake"),
            (moving, "_next_fitting"),
        ):
            real = getattr(place, name)
            patched.setattr(place, name, deadly(real))
        yield


def settle(now, *, killed=False):
    """Work until nothing is left; a killed worker is followed by another."""
    while True:
        try:
            while catch_up(now) + tasks.work(now):
                pass
        except Killed:
            assert killed
            continue
        return


def check(drawing, journey, looks, people, numbers, base):
    """Compare what was traced with the oracle, person by person, and the numbers of the canvas with the traces."""
    keys = dict(JourneyStep.objects.filter(version__journey=journey).values_list("pk", "key"))
    effects = 0
    for (entered, clicks), number in zip(people, numbers, strict=True):
        walk = walks(drawing, number, entered, [at for at in clicks if at <= looks[-1]], looks)
        enrolment = Enrolment.objects.get(journey=journey, contact_id=number)
        traced = Trace.objects.filter(enrolment=enrolment).order_by("visit")
        taken = [
            (keys[one.step_id], one.outlet, _seconds(one.arrived_at, base), _seconds(one.left_at, base))
            for one in traced
        ]
        assert taken == walk.taken
        assert (enrolment.ended_at is not None) == walk.over
        assert walk.over or keys[enrolment.step_id] == walk.at
        effects += sum(drawing.by_key[key].kind == "t_note" for key, *_ in taken)
    counted = sum(StepCount.objects.filter(step__in=keys).values_list("n", flat=True))
    assert counted == Trace.objects.filter(step__in=keys).count()
    assert Event.objects.filter(kind__key="note.added", contact_id__in=numbers).count() == effects


def _seconds(at, base):
    return (at - base).total_seconds()


def live_through(drawing, looks, people, base, work):
    """Make the journey and its people, and let `work(now)` do what is due at each look."""
    journey = live(drawing, now=base, name=f"J{Journey.objects.count()}")
    numbers = [born("P", base).pk for _ in people]
    told = set()
    for look in looks:
        now = base + timedelta(seconds=look)
        for place, ((entered, clicks), number) in enumerate(zip(people, numbers, strict=True)):
            for at in clicks:
                if at <= look and (place, at) not in told:
                    told.add((place, at))
                    event(Person(number), CLICK, base + timedelta(seconds=at), recorded=now)
            if entered == look:
                entering.request(journey.pk, [number], now=now)
        work(now)
    return journey, numbers


class Person:
    """Somebody by number."""

    def __init__(self, number):
        self.pk = number


# A step in a loop at which what is waited for happened already: the pause of the loop comes where it leads back.
LOOP = graph(
    step("s0", "t_wait", seconds=1),
    step("s1", "t_await", seconds=1, event=CLICK, since="entered_at"),
    links=[("s0", "next", "s1"), ("s1", "timed_out", "s0")],
    triggers=[happens("order.placed")],
)


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawing=drawings(), life=lives(), seed=st.integers(), odds=st.sampled_from([0, 0.1, 0.4]))
@example(drawing=LOOP, life=([0, 1], [(0, [1])]), seed=0, odds=0)
def test_traces_equal_those_of_plain_python_whoever_is_killed(now, monkeypatch, drawing, life, seed, odds):
    looks, people = life
    monkeypatch.setattr(running, "ROUND", timedelta(seconds=1))
    chance = random.Random(seed)

    def work(at):
        if chance.random() < 0.3:
            empty_memory()
        with kills(monkeypatch, chance, odds):
            settle(at, killed=odds > 0)

    journey, numbers = live_through(drawing, looks, people, now, work)
    check(drawing, journey, looks, people, numbers, now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("seed", range(3))
def test_two_workers_at_once_give_the_same(now, monkeypatch, seed):
    """Beats doubled: two workers on two connections, both killed at random, over one drawing of every kind."""
    chance = random.Random(seed)
    monkeypatch.setattr(running, "ROUND", timedelta(seconds=1))
    drawing = graph(
        step("s0", "t_note"),
        step("s1", "t_branch"),
        step("s2", "t_await", seconds=20, event=CLICK, since="arrived_at"),
        step("s3", "t_wait", seconds=10),
        step("s4", "t_note"),
        links=[
            ("s0", "next", "s1"),
            *(("s1", "even", "s2"), ("s1", "odd", "s3")),
            *(("s2", "happened", "s4"), ("s2", "timed_out", "s3"), ("s3", "next", "s4"), ("s4", "next", "s2")),
        ],
        triggers=[happens("order.placed")],
    )
    looks = list(range(0, 60, 7))
    people = [(chance.choice(looks), [chance.randrange(60)]) for _ in range(30)]

    def beside(at):
        while True:
            try:
                while tasks.work(at):
                    pass
            except Killed:
                continue
            return

    def work(at):
        catch_up(at)
        with kills(monkeypatch, chance, 0.1):
            both = [Beside(lambda: beside(at)), Beside(lambda: beside(at))]
            for worker in both:
                worker.join()
        run(at)

    journey, numbers = live_through(drawing, looks, people, now, work)
    check(drawing, journey, looks, people, numbers, now)
