"""What stands on a person, in one query."""

import pytest

from contacts.lists import membership
from contacts.models import FixedList, Membership, Segment
from contacts.people.labels import Label, labels_of

pytestmark = pytest.mark.django_db


def test_labels_come_by_sort_and_name_in_one_query(person, team, now, django_assert_num_queries):
    kim, lee = person(name="Kim"), person(name="Lee")
    tags = {name: membership.tag_named(name) for name in ("vip", "new", "old")}
    for name in ("vip", "new"):
        membership.tag(tags[name], [kim.pk], by=team.mina, now=now)
    membership.tag(tags["old"], [lee.pk], by=team.mina, now=now)
    party, _empty = FixedList.objects.create(name="Party"), FixedList.objects.create(name="Empty")
    membership.add(party, [kim.pk], by=team.mina, now=now)
    rule = {"version": 1, "rule": {"all": []}}
    inside, left, stage = (
        Segment.objects.create(name=name, definition=rule, purpose=purpose)
        for name, purpose in (("In", ""), ("Out", ""), ("Of a stage", "stage"))
    )
    for segment, left_at in ((inside, None), (left, now), (stage, None)):
        Membership.objects.create(segment=segment, contact=kim, entered_at=now, left_at=left_at)
    with django_assert_num_queries(1):
        found = labels_of(kim.pk)
    assert found.tags == [Label(tags["new"].pk, "new", None), Label(tags["vip"].pk, "vip", None)]
    assert found.other_tags == [Label(tags["old"].pk, "old", None)]
    assert found.lists == [Label(party.pk, "Party", None)]
    assert found.segments == [Label(inside.pk, "In", now)]
