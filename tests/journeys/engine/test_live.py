"""What is remembered of journeys: nothing is read twice without a reason, and nothing gone is used."""

from datetime import timedelta

import pytest

from journeys.engine import entering, live
from journeys.engine.models import Enrolment
from journeys.journey import control
from journeys.journey.models import JourneyStep
from tests.contacts.segments.living import change, city, make
from tests.journeys import living
from tests.journeys.living import enters, graph, redraw, run, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
STEPS = (step("await", "t_await", event="mail.clicked", seconds=60), step("note", "t_note"))
LINKS = [("await", "happened", "note"), ("await", "timed_out", "note")]
DRAWN = graph(*STEPS, links=LINKS)


@pytest.fixture
def reads(monkeypatch):
    """Count the versions that are read from the database."""
    read, numbers = live.read_version, []

    def counted(version):
        numbers.append(version.number)
        return read(version)

    monkeypatch.setattr(live, "read_version", counted)
    return numbers


def test_a_version_is_read_once_whatever_segments_change(now, ann, reads, django_assert_num_queries):
    oslo = make("Oslo", city("Oslo"), now=now)
    living.live(graph(*STEPS, links=LINKS, triggers=[enters(oslo)]), now=now)
    first = live.current()
    assert set(first.wakes) == {"mail.clicked", "consent.withdrawn"}
    assert [one.key for one in first.starts["segment.entered"]] == ["in"]
    with django_assert_num_queries(2):
        assert live.current() is first
    change(oslo, city("Rome"), now=now)
    second = live.current()
    assert second is not first
    assert second.wakes == first.wakes
    assert reads == [1]


def test_who_stays_in_an_older_version_is_still_woken(now, ann):
    journey = living.live(DRAWN, now=now)
    entering.request(journey.pk, [ann.pk], now=now)
    run(now)
    old = JourneyStep.objects.get(key="await").pk
    plain = graph(step("wait", "t_wait", seconds=60))
    living.publish(journey.pk, by=None, now=now, version=redraw(journey, plain))
    assert old in live.current().wakes["mail.clicked"]
    living.empty_memory()
    assert old in live.current().wakes["mail.clicked"]
    living.event(ann, "mail.clicked", now + timedelta(seconds=5))
    run(now + timedelta(seconds=5))
    assert Enrolment.objects.get().end == "completed"
    living.empty_memory()
    assert "mail.clicked" not in live.current().wakes


def test_archived_journeys_are_forgotten(now):
    journey = living.live(DRAWN, now=now)
    assert list(live.current().journeys) == [journey.pk]
    control.archive(journey.pk, now=now)
    assert (list(live.current().journeys), dict(live.current().wakes), live.current().triggers) == ([], {}, [])
