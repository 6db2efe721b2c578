"""One thread through everything: a segment lets people in, they wait, a step acts, they come to the end."""

from datetime import timedelta

import pytest

from contacts.models import Contact, ContactTag, Tag
from journeys.graph.graph import Trigger
from tests.contacts.segments.living import city, make, members
from tests.journeys.living import born, counts, enters, event, graph, live, notes, run, step, told, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
DAY = timedelta(days=1)


def test_people_who_enter_a_segment_wait_and_come_to_the_end(now, ann, bob):
    oslo = make("Oslo", city("Oslo"), now=now)
    journey = live(
        graph(step("wait", "t_wait", seconds=86_400), step("note", "t_note"), triggers=[enters(oslo)]), now=now
    )
    run(now)
    assert ways(ann) == []
    Contact.objects.filter(pk=ann.pk).update(city="Oslo")
    event(ann, "contact.updated", now)
    run(now)
    assert ways(ann) == ["at wait"]
    assert told(ann) == ["entered"]
    run(now + DAY - timedelta(seconds=1))
    assert ways(ann) == ["at wait"]
    run(now + DAY)
    assert ways(ann) == ["wait>next note>next: completed"]
    assert notes(ann) == "note"
    assert told(ann) == ["entered", "left (completed)"]
    assert ways(bob) == []
    assert counts(journey) == {"wait>next": 1, "note>next": 1}
    run(now + 2 * DAY)
    assert ways(ann) == ["wait>next note>next: completed"]


def test_those_who_are_in_the_segment_already_start_only_if_asked_for(now):
    people = [born(f"P{n}", now, city="Oslo") for n in range(3)]
    oslo = make("Oslo", city("Oslo"), now=now)
    run(now)
    drawing = graph(step("note", "t_note"), triggers=[enters(oslo)])
    live(drawing, now=now)
    run(now)
    assert [ways(person) for person in people] == [[], [], []]
    live(drawing, now=now, name="Again", start_existing=True)
    run(now)
    assert [ways(person) for person in people] == [["note>next: completed"]] * 3


def test_the_real_kinds_do_the_same_and_segments_can_ask_about_it(now, ann, bob):
    oslo, tag = make("Oslo", city("Oslo"), now=now), Tag.objects.create(name="Welcomed")
    drawn = graph(
        step("wait", "wait", until="span", n=1, unit="hours", weekdays=[]),
        step("tag", "tag", what="add", tag=tag.pk),
        step("end", "end"),
        triggers=[Trigger("in", "segment_entered", {"segment": oslo.pk})],
    )
    journey = live(drawn, now=now)
    about = {"type": "journey", "keys": [str(journey.pk)]}
    begun = make("Begun", {"did": "journey.entered", "on": about}, now=now)
    through = make("Through", {"did": "journey.left", "on": about}, now=now)
    Contact.objects.filter(pk=ann.pk).update(city="Oslo")
    event(ann, "contact.updated", now)
    run(now)
    assert (members(begun), members(through)) == ("Ann", "")
    run(now + timedelta(hours=1))
    assert ways(ann) == ["wait>next tag>next end>next: completed"]
    assert list(ContactTag.objects.values_list("contact_id", "tag")) == [(ann.pk, tag.pk)]
    assert (members(begun), members(through), ways(bob)) == ("Ann", "Ann", [])
