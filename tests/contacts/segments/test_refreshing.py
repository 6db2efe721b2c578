"""Touched people are looked at anew: by events, by time, by other segments; only by rules that read what happened."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.ledger.append import NewEvent, append
from contacts.ledger.batch import OWN_HORIZON
from contacts.ledger.follow import catch_up
from contacts.ledger.passes import Reach, main_pass
from contacts.lists import membership
from contacts.models import Contact, Membership, SegmentTouch
from contacts.people import profile
from contacts.people.profile import Profile
from contacts.segments import judging, refreshing
from contacts.segments.models import Segment, SegmentState
from tests.contacts.segments.living import build, change, city, follow, inside, make, members, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def four(person):
    names = {"Ann": "Lyon", "Bob": "Oslo", "Cha": "Lyon", "Dan": ""}
    return {name: person(name=name, city=place) for name, place in names.items()}


@pytest.fixture
def asked(monkeypatch):
    """The ids of segments that were asked, a tuple for each statement."""
    seen = []
    changes = judging._changes

    def noting(cursor, entries, contacts, at, news):
        seen.append((tuple(entry.name for entry in entries), len(contacts)))
        return changes(cursor, entries, contacts, at, news)

    monkeypatch.setattr(judging, "_changes", noting)
    return seen


def tags(label, operator="has_any_of"):
    return {"field": "tags", "operator": operator, "value": [label.pk]}


def test_touched_people_enter_and_leave_with_the_events(four, now, team):
    vip = membership.tag_named("VIP")
    segment = make("VIP in Lyon", tags(vip), city("Lyon"), now=now)
    later = now + timedelta(minutes=1)
    membership.tag(vip, [four["Ann"].pk, four["Bob"].pk], by=team.mina, now=later)
    follow(later)
    assert members(segment) == "Ann"
    membership.untag(vip, [four["Ann"].pk], by=team.mina, now=later)
    follow(later)
    assert members(segment) == ""
    assert told(segment) == ["Ann entered (activity)", "Ann left (activity)"]
    assert not SegmentTouch.objects.exists()


def test_only_rules_that_read_what_happened_are_asked(four, now, team, asked):
    vip = membership.tag_named("VIP")
    make("Tagged", tags(vip), now=now)
    make("Lyon", city("Lyon"), now=now)
    follow(now)
    asked.clear()
    membership.tag(vip, [four["Ann"].pk, four["Dan"].pk], by=team.mina, now=now)
    follow(now)
    assert asked == [(("Tagged",), 2)]
    append([NewEvent(four["Ann"].pk, "note.added", now)], source="t", now=now)
    follow(now)
    assert len(asked) == 1


def test_new_people_are_judged_by_every_rule(four, now, person):
    outside = make("Elsewhere", city("Lyon"), mode="none", now=now)
    follow(now)
    assert members(outside) == "Bob Dan"
    person(name="Eve", city="Rome")
    follow(now)
    assert members(outside) == "Bob Dan Eve"


def test_a_segment_on_segments_follows_in_the_same_look(four, now, team):
    vip = membership.tag_named("VIP")
    tagged = make("Tagged", tags(vip), now=now)
    both = make("Tagged in Lyon", inside(tagged), city("Lyon"), now=now)
    rest = make("Lyon, not tagged", inside(tagged, operator="has_none_of"), tags(vip), mode="any", now=now)
    follow(now)
    assert (members(both), members(rest)) == ("", "Ann Bob Cha Dan")
    membership.tag(vip, [four["Ann"].pk], by=team.mina, now=now)
    follow(now)
    assert (members(tagged), members(both), members(rest)) == ("Ann", "Ann", "Ann Bob Cha Dan")
    assert told(rest) == []


def test_readers_follow_a_changed_rule(four, now):
    base = make("Base", city("Lyon"), now=now)
    reader = make("Reader", inside(base), now=now)
    assert members(reader) == "Ann Cha"
    change(base, city("Oslo"), now=now)
    build(now)
    assert members(reader) == "Ann Cha"
    follow(now)
    assert members(reader) == "Bob"


def test_a_reader_waits_for_what_it_reads(four, now, monkeypatch):
    base = make("Base", city("Lyon"), now=now)
    Segment.objects.filter(pk=base.pk).update(state=SegmentState.BUILDING)
    reader = make("Reader", inside(base), now=now)
    assert (reader.state, members(reader)) == (SegmentState.BUILDING, "")
    Segment.objects.filter(pk=base.pk).update(state=SegmentState.READY)
    build(now + timedelta(seconds=2))
    assert members(reader) == "Ann Cha"


def test_time_alone_moves_people_and_catches_up_after_a_stop(four, now):
    for days, name in enumerate(("Ann", "Bob", "Cha", "Dan"), start=1):
        Contact.objects.filter(name=name).update(created_at=now - timedelta(days=days, minutes=-1))
    fresh = make("New", {"field": "created_at", "operator": "in_last", "value": {"n": 3, "unit": "days"}}, now=now)
    assert members(fresh) == "Ann Bob Cha"
    follow(now + timedelta(seconds=30))
    assert members(fresh) == "Ann Bob Cha"
    follow(now + timedelta(minutes=2))
    assert members(fresh) == "Ann Bob"
    follow(now + timedelta(days=1, minutes=2))
    assert members(fresh) == "Ann"
    follow(now + timedelta(days=40))
    assert members(fresh) == ""
    assert told(fresh) == [f"{name} left (activity)" for name in ("Cha", "Bob", "Ann")]


def test_nothing_is_judged_while_what_rules_read_is_computed_anew(four, now, team):
    vip = membership.tag_named("VIP")
    segment = make("Tagged", tags(vip), now=now)
    follow(now)
    membership.tag(vip, [four["Ann"].pk], by=team.mina, now=now)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO follower_behind (name, shard, tx, event_id) VALUES ('scores', 70, 1, 1)")
    SegmentTouch.objects.create(contact_id=four["Ann"].pk)
    assert refreshing.TOUCHED.run(now) == 0
    assert members(segment) == ""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM follower_behind")
    follow(now)
    assert members(segment) == "Ann"


def test_many_touched_people_are_judged_in_chunks(now, team, asked, db):
    Contact.objects.bulk_create(Contact(name=f"P{n:04}", city="Lyon") for n in range(2_300))
    segment = make("Lyon", city("Lyon"), now=now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_membership WHERE contact_id % 2 = 0")
        cursor.execute("INSERT INTO contacts_segmenttouch (contact_id) SELECT id FROM contacts_contact")
    Segment.objects.filter(pk=segment.pk).update(members=Membership.objects.count())
    while refreshing.refresh(now):
        pass
    segment.refresh_from_db()
    assert segment.members == Membership.objects.filter(left_at=None).count() == 2_300
    assert [n for _, n in asked] == [1_000, 1_000, 300]


def test_a_rule_that_cannot_be_answered_is_set_aside_and_the_others_go_on(four, now, team, monkeypatch):
    vip = membership.tag_named("VIP")
    good, bad = make("Good", tags(vip), now=now), make("Bad", tags(vip), city("Lyon"), now=now)
    follow(now)
    changes = judging._changes

    def failing(cursor, entries, contacts, at, news):
        if any(entry.name == "Bad" for entry in entries):
            cursor.execute("SELECT 1 / 0")
        return changes(cursor, entries, contacts, at, news)

    monkeypatch.setattr(judging, "_changes", failing)
    membership.tag(vip, [four["Ann"].pk], by=team.mina, now=now)
    follow(now)
    assert (members(good), members(bad)) == ("Ann", "")
    assert (good.state, bad.state) == (SegmentState.READY, SegmentState.BROKEN)
    assert "division by zero" in bad.problem


def test_what_no_rule_reads_is_not_noted(four, now):
    make("Lyon", city("Lyon"), now=now)
    follow(now)
    append([NewEvent(four["Ann"].pk, "page.viewed", now)], source="t", now=now)
    main_pass(now, Reach(horizon=OWN_HORIZON))
    assert not SegmentTouch.objects.exists()
    append([NewEvent(four["Ann"].pk, "contact.updated", now)], source="t", now=now)
    main_pass(now, Reach(horizon=OWN_HORIZON))
    assert SegmentTouch.objects.count() == 1


def test_moved_to_another_city_and_back_within_one_look_tells_nobody(four, now):
    segment = make("Lyon", city("Lyon"), now=now)
    follow(now)
    for place in ("Oslo", "Lyon"):
        contact = Contact.objects.get(pk=four["Ann"].pk)
        known = Profile.of(contact)
        changed = Profile(**{**known.__dict__, "city": place})
        profile.update(contact.pk, changed, version=contact.version, by=None, now=now)
    catch_up(now)
    assert members(segment) == "Ann Cha"
    assert told() == []


def test_takes_no_more_touches_than_its_limit_whatever_the_plan(four, now):
    make("Lyon", city("Lyon"), now=now)
    follow(now)
    SegmentTouch.objects.bulk_create(SegmentTouch(contact_id=each.pk) for each in four.values())
    oldest = list(SegmentTouch.objects.order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for other in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        assert refreshing.refresh(now, 3) == 3
        cursor.execute("SET LOCAL enable_hashjoin = on")
    assert list(SegmentTouch.objects.values_list("pk", flat=True)) == oldest[3:]
    assert refreshing.refresh(now, 3) == 1


def test_few_are_taken_in_small_pieces_and_many_in_wide_ones(now, monkeypatch):
    waiting, taken = [10_000], []

    def refreshed(_now, limit, **_how):
        taken.append(min(limit, waiting[0]))
        waiting[0] -= taken[-1]
        return taken[-1]

    monkeypatch.setattr(refreshing, "refresh", refreshed)
    look = refreshing.Refresh()
    while waiting[0]:
        look.run(now)
    assert taken[:12] == [refreshing._SMALL] * 12
    assert max(taken) == refreshing._MOST
    waiting[0] = 120
    taken.clear()
    look.run(now)
    assert taken == [refreshing._SMALL, 20]
