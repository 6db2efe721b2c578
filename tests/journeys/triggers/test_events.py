"""Ways in by events: exactly those, with their key, time, cause and facts."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.lists import membership
from contacts.lists.models import FixedList, Tag
from contacts.people.models import Contact
from contacts.segments.models import Membership, Segment
from contacts.stages import moving
from contacts.stages.models import Stage
from tests.journeys.conftest import NOW

EMPTY = {"version": 1, "rule": {"all": []}}


@pytest.fixture
def people(db):
    return [Contact.objects.create(name=name) for name in ("Ann", "Bob")]


def happened(person, kind, at=NOW, **fields):
    return append([NewEvent(person.pk, kind, at, **fields)], source="test", now=NOW)[0]


def order(number):
    return {"version": 1, "rule": {"all": [{"did": "order.placed", **number}]}}


def test_segment_entered_and_left(ask, people):
    ann, bob = people
    segments = [Segment.objects.create(name=name, definition=EMPTY) for name in ("VIP", "Other")]
    subjects = [("segment", str(segment.pk)) for segment in segments]
    came = happened(ann, "segment.entered", subject=subjects[0])
    happened(bob, "segment.entered", subject=subjects[1])
    went = happened(bob, "segment.left", subject=subjects[0])
    Membership.objects.create(segment=segments[0], contact=ann, entered_at=NOW)
    Membership.objects.create(segment=segments[0], contact=bob, entered_at=NOW, left_at=NOW)
    settings = {"segment": segments[0].pk}
    assert ask.started("segment_entered", settings) == [(ann.pk, "", NOW, came, None)]
    assert ask.started("segment_left", settings) == [(bob.pk, "", NOW, went, None)]
    assert ask.fits("segment_entered", settings) == [ann.pk]


def test_two_orders_have_keys_of_their_own(ask, people):
    ann, _bob = people
    facts = {"order": "A-1", "products": ["tent"]}
    first = happened(ann, "order.placed", value=Decimal(120), properties=facts)
    second = happened(ann, "order.placed", properties={"order": "A-2"})
    third = happened(ann, "order.placed")
    found = ask.started("event", {"event": order({}), "key_property": "order"})
    assert [(row[1], row[3]) for row in found] == [("", third), ("A-1", first), ("A-2", second)]
    assert json.loads(found[1][4]) == facts | {"value": 120, "kind": "order.placed"}
    assert len(ask.started("event", {"event": order({})})) == 3
    assert {row[1] for row in ask.started("event", {"event": order({})})} == {""}


def test_event_narrowed_by_a_property(ask, people):
    ann, bob = people
    happened(ann, "order.placed", properties={"shop": "web"})
    happened(bob, "order.placed", properties={"shop": "till"})
    web = order({"where": [{"property": "shop", "operator": "is", "value": "web"}]})
    assert [row[0] for row in ask.started("event", {"event": web})] == [ann.pk]


def test_click_that_was_a_machine_s_starts_nothing(ask, people):
    ann, bob = people
    clicked = {"version": 1, "rule": {"all": [{"did": "mail.clicked"}]}}
    taken_back = happened(ann, "mail.clicked")
    happened(ann, "hit.reclassified", cause=taken_back, properties={"kind": "mail.clicked"})
    happened(bob, "mail.clicked")
    assert [row[0] for row in ask.started("event", {"event": clicked})] == [bob.pk]


def test_form_by_its_key_or_any(ask, people):
    ann, bob = people
    happened(
        ann,
        "form.submitted",
        subject=("form", "newsletter"),
        properties={"name": "Newsletter"},
    )
    happened(bob, "form.submitted", subject=("form", "demo"))
    found = ask.started("form_submitted", {"form_keys": " newsletter, contact,newsletter"})
    assert [(row[0], json.loads(row[4])) for row in found] == [
        (ann.pk, {"name": "Newsletter", "kind": "form.submitted"})
    ]
    assert len(ask.started("form_submitted", {})) == 2


def test_stage_list_and_tag(ask, people):
    ann, bob = people
    stage = Stage.objects.filter(model__in_use=True).order_by("position").first()
    moving.move([ann.pk], stage, cause="person", by=None, now=NOW)
    fixed, tag = FixedList.objects.create(name="Guests"), Tag.objects.create(name="VIP")
    membership.add(fixed, [bob.pk], by=None, now=NOW)
    membership.tag(tag, [ann.pk, bob.pk], by=None, now=NOW)
    for kind, settings, expected in (
        ("stage_entered", {"stage": stage.pk}, [ann.pk]),
        ("list_joined", {"list": fixed.pk}, [bob.pk]),
        ("tag_added", {"tag": tag.pk}, [ann.pk, bob.pk]),
    ):
        assert [row[0] for row in ask.started(kind, settings)] == expected
        assert ask.fits(kind, settings) == expected


def test_segment_of_a_stage_cannot_be_chosen(db):
    from journeys.triggers.segment import SEGMENT_ENTERED

    hidden = Segment.objects.exclude(purpose="").first() or Segment.objects.create(
        name="hidden", purpose="stage", definition=EMPTY
    )
    assert set(SEGMENT_ENTERED.read({"segment": hidden.pk}).errors) == {"segment"}


def test_nothing_is_asked_of_a_kind_that_says_nothing(ask, people):
    happened(people[0], "page.viewed", NOW - timedelta(days=1))
    assert ask.started("event", {"event": order({})}) == []
