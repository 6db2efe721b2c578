"""Waits by people's own clocks, over the night in which the clocks change, through the real step."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.segments import moments
from journeys.engine import entering
from journeys.engine.models import Enrolment
from tests.journeys.living import born, graph, live, run, step, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
NINE = {"until": "clock", "at": "09:00", "weekdays": [], "n": None, "unit": "days"}


@pytest.fixture(autouse=True)
def _fresh_zones(monkeypatch):
    monkeypatch.setattr(moments._Memory, "zones", {})


def test_nine_oclock_comes_when_it_does_where_each_lives(now):
    # In Berlin the clocks go back in this night, in New York a week later, in Seoul never.
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    zones = {"Asia/Seoul": (0, 0), "Europe/Berlin": (8, 0), "America/New_York": (13, 0)}
    people = {zone: born(zone, evening, time_zone=zone) for zone in zones}
    journey = live(graph(step("nine", "wait", **NINE), step("note", "t_note")), now=evening)
    entering.request(journey.pk, [person.pk for person in people.values()], now=evening)
    run(evening)
    due = {zone: Enrolment.objects.get(contact_id=person.pk).due_at for zone, person in people.items()}
    assert due == {zone: datetime(2026, 10, 25, *clock, tzinfo=UTC) for zone, clock in zones.items()}
    run(datetime(2026, 10, 25, 7, 59, tzinfo=UTC))
    assert ways(people["Europe/Berlin"]) == ["at nine"]
    assert ways(people["Asia/Seoul"]) == ["nine>next note>next: completed"]
    run(datetime(2026, 10, 25, 8, 0, tzinfo=UTC))
    assert ways(people["Europe/Berlin"]) == ["nine>next note>next: completed"]


def test_a_day_later_it_is_the_same_time_of_day_also_when_the_clocks_change(now):
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    ann = born("Ann", evening, time_zone="Europe/Berlin")
    journey = live(graph(step("day", "wait", until="span", n=1, unit="days", weekdays=[])), now=evening)
    entering.request(journey.pk, [ann.pk], now=evening)
    run(evening)
    assert Enrolment.objects.get().due_at == evening + timedelta(hours=25)
