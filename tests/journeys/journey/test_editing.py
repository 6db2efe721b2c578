"""The draft is kept, and nobody's is written over."""

from datetime import UTC, datetime

import pytest

from contacts.errors import Invalid, NameTaken
from crm.team.models import Role, User
from journeys.errors import BadGraph, StaleDraft, WrongState
from journeys.journey import editing
from journeys.journey.models import Journey
from tests.journeys.drawings import drawing, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_kinds")]
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def journey(mina: User) -> Journey:
    return editing.create("Welcome", "For new people", by=mina, now=NOW)


def test_new_journey_is_an_empty_draft(journey, mina):
    journey.refresh_from_db()
    assert (journey.state, journey.version, journey.live, journey.created_by) == ("draft", 1, None, mina)
    assert journey.draft["steps"] == []


def test_names_are_taken_once_and_must_be_lines(journey, mina):
    for wrong, error in (("WELCOME", NameTaken), ("", Invalid), ("a\nb", Invalid), ("x" * 121, Invalid)):
        with pytest.raises(error):
            editing.create(wrong, by=mina, now=NOW)
    assert Journey.objects.count() == 1
    editing.rename(journey.pk, "Hello", "")
    journey.refresh_from_db()
    assert (journey.name, journey.description, journey.version) == ("Hello", "", 1)


def test_draft_is_kept_with_its_version(journey, mina):
    saved = editing.save_draft(journey.pk, drawing(step("a")), version=1, by=mina, now=NOW)
    assert saved.version == 2
    journey.refresh_from_db()
    assert ([one["key"] for one in journey.draft["steps"]], journey.changed_by) == (["a"], mina)


def test_saving_the_same_twice_is_harmless(journey, mina):
    for _time in range(2):
        saved = editing.save_draft(journey.pk, drawing(step("a")), version=1, by=mina, now=NOW)
    assert saved.version == 2


def test_second_editor_is_told_and_nothing_is_overwritten(journey, mina):
    bob = User.objects.create_user("bob@example.com", name="Bob", role=Role.MARKETER)
    editing.save_draft(journey.pk, drawing(step("a")), version=1, by=bob, now=NOW)
    with pytest.raises(StaleDraft, match="Bob has changed this journey") as stale:
        editing.save_draft(journey.pk, drawing(step("b")), version=1, by=mina, now=NOW)
    assert (stale.value.version, stale.value.by) == (2, "Bob")
    journey.refresh_from_db()
    assert [one["key"] for one in journey.draft["steps"]] == ["a"]


def test_what_is_no_drawing_and_what_is_archived_is_refused(journey, mina):
    with pytest.raises(BadGraph):
        editing.save_draft(journey.pk, drawing(step("a"), step("a")), version=1, by=mina, now=NOW)
    Journey.objects.filter(pk=journey.pk).update(state="archived")
    with pytest.raises(WrongState):
        editing.save_draft(journey.pk, drawing(step("a")), version=1, by=mina, now=NOW)
    journey.refresh_from_db()
    assert journey.version == 1


def test_copies_find_names_that_are_free(journey, mina):
    for expected in ("Copy of Welcome", "Copy 2 of Welcome"):
        assert editing.copy_name("Welcome") == expected
        editing.create(expected, by=mina, now=NOW)
