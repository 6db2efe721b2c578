"""Memberships when two people become one, and two again."""

from datetime import timedelta

import pytest

from contacts.identity.merge import merge, unmerge
from contacts.models import ByHand, Membership
from contacts.segments import hand, history
from contacts.segments.filters import SEGMENT_FILTER
from tests.contacts.segments.living import city, follow, make, members, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(person):
    return [person(name=name, city="Lyon", language="ko") for name in ("Ann", "Bob", "Cha")]


def stays():
    return sorted(Membership.objects.values_list("segment", "contact", "entered_at", "left_at"), key=str)


def test_the_one_who_stays_keeps_the_memberships_and_nobody_is_told(three, now, team):
    ann, bob, _cha = three
    everybody = make("Lyon", city("Lyon"), now=now)
    only_bob = make("By hand", city("Rome"), now=now)
    later = now + timedelta(hours=1)
    hand.include(only_bob, [bob.pk], by=team.mina, now=later)
    follow(later)
    before, words = stays(), told()
    record = merge(ann.pk, bob.pk, by=team.mina, now=later)
    assert (members(everybody), members(only_bob)) == ("Ann Cha", "Ann")
    follow(later)
    assert (members(everybody), members(only_bob)) == ("Ann Cha", "Ann")
    assert [(held.contact_id, held.included) for held in ByHand.objects.all()] == [(ann.pk, True)]
    assert len(told()) == len(words)
    unmerge(record, now=later)
    assert stays() == before
    follow(later)
    assert (members(everybody), members(only_bob)) == ("Ann Bob Cha", "Bob")
    assert len(told()) == len(words)


def test_who_no_longer_fits_after_a_merge_leaves(three, now, person):
    eve = person(name="Eve", city="Oslo")
    lyon = make("Lyon", city("Lyon"), now=now)
    record = merge(eve.pk, three[0].pk, by=None, now=now)
    follow(now)
    assert members(lyon) == "Bob Cha"
    assert told() == ["Eve left (activity)"]
    unmerge(record, now=now)
    follow(now)
    assert members(lyon) == "Ann Bob Cha"


def test_past_stays_follow_and_count_once(three, now, team):
    ann, bob, _cha = three
    held = make("By hand", city("Rome"), now=now)
    day = timedelta(days=1)
    hand.include(held, [ann.pk, bob.pk], by=team.mina, now=now)
    hand.leave_to_rule(held, [ann.pk, bob.pk], now=now + 2 * day)
    merge(ann.pk, bob.pk, by=None, now=now + 3 * day)
    type(held).objects.filter(pk=held.pk).update(created_at=now)
    history.record_sizes(now + 2 * day)
    assert list(held.sizes.values_list("n", flat=True)) == [1, 1]
    assert SEGMENT_FILTER.words(f"{held.pk}:on:2026-11-22") == "By hand, on Sun, Nov 22, 2026"


def test_merging_three_and_undoing_in_any_order(three, now):
    ann, bob, cha = three
    lyon = make("Lyon", city("Lyon"), now=now)
    first = merge(ann.pk, bob.pk, by=None, now=now)
    second = merge(cha.pk, ann.pk, by=None, now=now)
    follow(now)
    assert members(lyon) == "Cha"
    unmerge(second, now=now)
    follow(now)
    assert members(lyon) == "Ann Cha"
    unmerge(first, now=now)
    follow(now)
    assert members(lyon) == "Ann Bob Cha"
    assert told() == []
