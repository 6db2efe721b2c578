"""Nobody is judged by half a past: builds and looks at touched people wait for followers that are far behind.

The ledger holds a note on Ann and a call after it, in transactions of their own; followers have read the note alone.
Each is shown with the naive way too, which lets her enter and leave again.
"""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.ledger.batch import OWN_HORIZON
from contacts.ledger.passes import Reach, main_pass
from contacts.ledger.position import EVERYTHING_READ, unread_from
from contacts.models import SegmentBuild, SegmentTouch
from contacts.segments import building, flips, refreshing, saving
from contacts.segments.models import Segment, SegmentState
from contacts.segments.refreshing import Refresh
from crm.kit.work import WorkState
from tests.contacts.segments.living import build, follow, make, members, rule, told

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=1)
NOTED = {"did": "note.added"}
NOT_CALLED = {"none": [{"did": "call.logged"}]}


@pytest.fixture
def ann(person):
    ann = person(name="Ann")
    follow(NOW)
    return ann


def happened(contact, *kinds):
    """Append each in a transaction of its own, as tracking and imports do."""
    for kind in kinds:
        append([NewEvent(contact.pk, kind, NOW)], source="t", now=NOW)


def read_one():
    assert main_pass(NOW, Reach(limit=1, horizon=OWN_HORIZON)) == 1


def read_all():
    while main_pass(NOW, Reach(horizon=OWN_HORIZON)):
        pass


def believe_the_lanes(monkeypatch):
    """What the product did before: only followers that start over were waited for."""
    for module in (building, refreshing):
        monkeypatch.setattr(module, "unread_from", lambda: EVERYTHING_READ)


@pytest.mark.parametrize("naive", [False, True])
def test_touched_people_are_looked_at_once_the_past_is_read(ann, monkeypatch, naive):
    segment = make("To be called", NOTED, NOT_CALLED, now=NOW)
    if naive:
        believe_the_lanes(monkeypatch)
    happened(ann, "note.added", "call.logged")
    read_one()
    assert SegmentTouch.objects.count() == 1
    assert (Refresh().run(NOW) == 0) is not naive
    assert SegmentTouch.objects.exists() is not naive
    read_all()
    Refresh().run(NOW)
    assert not SegmentTouch.objects.exists()
    assert members(segment) == ""
    assert told(segment) == (["Ann entered (activity)", "Ann left (activity)"] if naive else [])


@pytest.mark.parametrize("naive", [False, True])
def test_build_comes_back_until_the_past_is_read(ann, monkeypatch, naive):
    segment = make("To be called", NOTED, NOT_CALLED, now=NOW)
    if naive:
        believe_the_lanes(monkeypatch)
    happened(ann, "note.added", "call.logged")
    read_one()
    saving.rebuild(segment, now=NOW)
    assert building.run_due(lambda: NOW)
    row = SegmentBuild.objects.get()
    if not naive:
        assert (row.state, row.attempts, row.lease_until, row.began_at) == (WorkState.READY, 0, None, None)
        assert NOW < row.due_at <= SOON
        assert not building.run_due(lambda: NOW)
        assert Segment.objects.get().state == SegmentState.BUILDING
    read_all()
    building.run_due(lambda: SOON)
    Refresh().run(SOON)
    assert Segment.objects.get().state == SegmentState.READY
    assert members(segment) == ""
    assert [line.split(" (")[0] for line in told(segment)] == (["Ann entered", "Ann left"] if naive else [])


def test_neither_waits_for_what_is_recorded_later(ann, person):
    segment = make("Noted", NOTED, now=NOW)
    late = person(name="Late")
    follow(NOW)
    happened(ann, "note.added")
    read_all()
    happened(late, "call.logged")
    assert Refresh().run(NOW) == 1
    assert members(segment) == "Ann"
    saving.rebuild(segment, now=NOW)
    assert building.run_due(lambda: NOW)  # notes how far it has to be read
    happened(late, "call.logged")
    while unread_from() <= SegmentBuild.objects.get().read_to:
        read_one()
    assert unread_from() < EVERYTHING_READ
    assert building.run_due(lambda: SOON)
    assert Segment.objects.get().state == SegmentState.READY


def test_people_whom_time_moves_wait_too(ann):
    segment = make("Noted lately", {"did": "note.added", "window": {"last": {"n": 1, "unit": "hours"}}}, now=NOW)
    happened(ann, "note.added")
    follow(NOW)
    assert members(segment) == "Ann"
    later = NOW + timedelta(hours=2)
    append([NewEvent(ann.pk, "note.added", later)], source="t", now=later)
    assert flips.flip(later) == 1
    assert Refresh().run(later) == 0
    assert members(segment) == "Ann"
    follow(later)
    assert (members(segment), told(segment)) == ("Ann", ["Ann entered (activity)"])


def test_shards_that_stand_further_back_without_events_hold_nobody_up(ann):
    happened(ann, "note.added")
    while main_pass(NOW, Reach(shards=(ann.pk & 63,), horizon=OWN_HORIZON)):
        pass
    assert unread_from() == EVERYTHING_READ
    happened(ann, "note.added")
    assert unread_from() < EVERYTHING_READ


def test_a_changed_rule_waits_for_what_was_recorded_since(ann):
    segment = saving.create(saving.Draft("Noted", "", rule(NOTED)), by=None, now=NOW)
    happened(ann, "note.added")
    assert building.run_due(lambda: NOW)
    first = SegmentBuild.objects.get().read_to
    saving.rebuild(segment, now=NOW)
    assert SegmentBuild.objects.get().read_to is None
    assert building.run_due(lambda: NOW)
    assert SegmentBuild.objects.get().read_to > first
    build(SOON)
    assert members(segment) == "Ann"
