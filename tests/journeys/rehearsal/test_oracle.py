"""A rehearsal of random drawings on random pasts says what plain Python says that the engine would have done."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from contacts.ledger.dictionary import kind_ids
from journeys.rehearsal import replay as replaying
from journeys.rehearsal.replay import replay
from tests.journeys.engine.conftest import now, tiny  # noqa: F401 - fixtures
from tests.journeys.engine.oracle import walks
from tests.journeys.engine.test_oracle import CLICK, drawings, lives
from tests.journeys.living import born, event

pytestmark = pytest.mark.django_db
END = 200  # seconds
ENTERS = "order.placed"


@pytest.mark.usefixtures("tiny")
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawing=drawings(), life=lives())
def test_ways_equal_those_of_plain_python(now, monkeypatch, drawing, life):  # noqa: F811
    monkeypatch.setattr(replaying, "RANGE", 2)
    kind_ids([ENTERS, CLICK, "contact.created"])  # remembered by the process, so they must outlive the example
    with transaction.atomic():
        numbers, end = told(life, now), now + timedelta(seconds=END)
        found = replay(drawing, 1, end)
        transaction.set_rollback(True)
    ways = {stops[0][0]: [tuple(stop[1:]) for stop in stops] for stops in found.ways.values()}
    for (entered, clicks), number in zip(life[1], numbers, strict=True):
        walk = walks(drawing, number, entered, clicks, list(range(END + 1)))
        taken = [(key, outlet, _at(now, came), _at(now, left)) for key, outlet, came, left in walk.taken]
        assert ways.pop(number, []) == taken
    assert ways == {}
    assert found.entered == len(numbers)


def told(life, base):
    """Make the people, and tell when each came in and clicked; return their numbers."""
    numbers = [born("P", base).pk for _ in life[1]]
    end = base + timedelta(seconds=END)
    for (entered, clicks), number in zip(life[1], numbers, strict=True):
        for kind, at in [(ENTERS, entered), *((CLICK, at) for at in clicks)]:
            event(_Person(number), kind, base + timedelta(seconds=at), recorded=end)
    return numbers


def _at(base, seconds):
    return (base + timedelta(seconds=seconds)).isoformat()


class _Person:
    def __init__(self, number):
        self.pk = number
