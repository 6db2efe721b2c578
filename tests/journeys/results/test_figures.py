"""Numbers of the live canvas: exact, by stretch of time and version, and the same people behind each."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from contacts.models import Contact
from contacts.people.filters import BadFilter, chips, filtered
from journeys.engine import leaving
from journeys.engine.models import End, Enrolment, StepCount
from journeys.journey.publishing import publish
from journeys.results import telling
from journeys.results.behind import Behind
from journeys.results.figures import figures
from journeys.results.window import window
from tests.journeys.living import event, graph, redraw, run, step

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def numbers(journey, now, days="all", version=None):
    found = figures(journey, window(days, now), version)
    return found, {key: {what: n for what, n in telling.numbers(one).items() if n} for key, one in found.steps.items()}


def test_every_number_of_every_step(world, now):
    found, steps = numbers(world.journey, now)
    assert steps == {
        "mail": {"passed": 6, "sent": 5, "opened": 2, "clicked": 1, "left_out": 1},
        "care": {"waiting": 1, "passed": 5, "aside": 1},
        "wait": {"waiting": 5, "converted": 1},
    }
    assert (found.entered, found.inside, found.converted, found.held_out) == (6, 6, 1, 0)
    assert found.steps["mail"].left_out == {"withdrawn": 1}
    assert found.steps["mail"].passed == {"next": 6}


@pytest.mark.parametrize(
    ("days", "mail", "converted", "entered"),
    [
        ("1", {}, 0, 0),
        ("7", {"passed": 6, "sent": 5, "opened": 2, "clicked": 1, "left_out": 1}, 1, 6),
        ("30", {"passed": 6, "sent": 5, "opened": 2, "clicked": 1, "left_out": 1}, 1, 6),
    ],
)
def test_stretch_of_time_keeps_what_is_there_now(world, now, days, mail, converted, entered):
    found, steps = numbers(world.journey, now, days)
    assert steps["mail"] == mail
    assert (found.converted, found.entered, found.inside) == (converted, entered, 6)


def test_versions_are_summed_by_key_or_looked_at_alone(world, now):
    mail = next(one for one in world.drawing.steps if one.key == "mail")
    drawing = graph(mail, step("after", "t_wait", seconds=864_000))
    publish(world.journey.pk, by=None, now=now, version=redraw(world.journey, drawing))
    new = Contact.objects.create(name="New", email="new@example.com", email_key="new-key")
    event(new, "cart.updated", now)
    run(now)
    world.journey.refresh_from_db()
    both = numbers(world.journey, now)[1]
    assert both["mail"]["passed"] == 7
    assert both["wait"] == {"waiting": 5, "converted": 1}
    assert numbers(world.journey, now, version=2)[1] == {
        "mail": {"passed": 1, "left_out": 1}, "after": {"waiting": 1}
    }  # fmt: skip
    assert numbers(world.journey, now, version=1)[0].entered == 6


def test_who_left_before_the_end_is_told_with_why(world, now):
    leaving.remove(world.journey.pk, [world.people[2].pk], now=now)
    found, steps = numbers(world.journey, now)
    assert steps["wait"] == {"waiting": 4, "converted": 1, "left": 1}
    assert found.steps["wait"].left == {"removed": 1}
    assert people(world, "wait", "left.removed") == [2]


def test_who_left_by_reaching_the_goal_is_no_loss(world, now):
    """The step at which she stood counts her among the converted, and among nobody who left early."""
    reached = Enrolment.objects.filter(contact_id=world.people[2].pk, journey=world.journey)
    step = reached.get().step
    reached.update(ended_at=now, due_at=None, end=End.GOAL, goal_at=now)
    StepCount.objects.create(step=step, outlet="end:goal", hour=now.replace(minute=0, second=0, microsecond=0), n=1)
    found, steps = numbers(world.journey, now)
    assert found.steps["wait"].left == {"goal": 1}
    assert steps["wait"] == {"waiting": 4, "converted": 2}
    assert found.steps["wait"].came == 5
    assert (people(world, "wait", "left"), people(world, "wait", "left.goal")) == ([], [2])


# --- the people behind the numbers ---
def people(world, key, what, days="all", version=None, user=None):
    """Return who is shown, by their places."""
    behind = Behind(world.journey.pk, key, what, days, version)
    assert Behind.read(behind.stored()) == behind
    found = filtered(Contact.objects.all(), QueryDict(behind.url.partition("?")[2]), user or world.user)
    places = {person.pk: place for place, person in enumerate(world.people)}
    return sorted(places[pk] for pk in found.values_list("pk", flat=True))


@pytest.fixture(autouse=True)
def _reader(request, team):
    if "world" in request.fixturenames:
        request.getfixturevalue("world").user = team.mina


CASES = [
    ("", "entered", [0, 1, 2, 3, 4, 5]),
    ("", "inside", [0, 1, 2, 3, 4, 5]),
    ("", "converted", [1]),
    ("", "held_out", []),
    ("mail", "passed", [0, 1, 2, 3, 4, 5]),
    ("mail", "passed.next", [0, 1, 2, 3, 4, 5]),
    ("mail", "passed.other", []),
    ("mail", "sent", [0, 1, 2, 3, 5]),
    ("mail", "opened", [0, 1]),
    ("mail", "clicked", [0]),
    ("mail", "left_out", [4]),
    ("care", "waiting", [3]),
    ("care", "aside", [3]),
    ("wait", "waiting", [0, 1, 2, 4, 5]),
    ("wait", "left", []),
]


@pytest.mark.parametrize(("key", "what", "expected"), CASES)
def test_number_opens_its_people(world, key, what, expected):
    assert people(world, key, what) == expected
    assert people(world, key, what, "30", 1) == expected


def test_everything_that_can_be_asked_for_has_a_case():
    from journeys.results.behind import WHAT

    assert {what.partition(".")[0] for _key, what, _expected in CASES} == set(WHAT)


def test_time_narrows_what_happened_and_not_who_is_here(world):
    assert people(world, "mail", "passed", "1") == []
    assert people(world, "mail", "opened", "1") == []
    assert people(world, "wait", "waiting", "1") == [0, 1, 2, 4, 5]


NONSENSE = (
    "x 1 1:a 1:a:nothing -1:a:passed 1:a:passed:8 1:a:passed:7:x 1:a:passed:7:1:1 1:a:left.nothing "
    "9999999999999999999999:a:passed"
)


@pytest.mark.parametrize("value", NONSENSE.split())
def test_nonsense_is_refused(world, value):
    with pytest.raises(BadFilter):
        filtered(Contact.objects.all(), QueryDict(f"journey={value}"), world.user)


def test_reps_who_see_no_journeys_see_nobody_through_them(world, team):
    with pytest.raises(BadFilter):
        people(world, "mail", "passed", user=team.rob)


def test_chip_says_journey_step_and_what(world):
    [chip] = chips(QueryDict(f"journey={world.journey.pk}:mail:opened:30"))
    assert chip.label == "Journey: Welcome › Send a mail: Opened"
