"""Building: first fill, changed rules, what is touched meanwhile, broken rules that heal."""

from datetime import timedelta

import pytest

from contacts.attributes import definition as attributes
from contacts.models import Contact, Membership, Segment, SegmentBuild, SegmentTouch, SegmentWaiting
from contacts.people import profile
from contacts.people.profile import Profile
from contacts.segments import building, hand, saving
from contacts.segments.models import SegmentState
from contacts.segments.standing import queue_build
from crm.kit.work import WorkState
from tests.contacts.segments.living import build, change, city, follow, inside, make, members, read, rule, told

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=5)


@pytest.fixture
def four(person):
    names = {"Ann": "Lyon", "Bob": "Oslo", "Cha": "Lyon", "Dan": ""}
    return {name: person(name=name, city=place) for name, place in names.items()}


def move(contact, place, now):
    contact.refresh_from_db()
    known = Profile.of(contact)
    return profile.update(
        contact.pk, Profile(**{**known.__dict__, "city": place}), version=contact.version, by=None, now=now
    )


def test_first_build_fills_and_tells_nobody(four, now):
    segment = make("Lyon", city("Lyon"), now=now)
    assert members(segment) == "Ann Cha"
    assert (segment.state, segment.built_at, segment.flipped_to) == (SegmentState.READY, now, now)
    assert told() == []
    assert set(Membership.objects.values_list("entered_at", "left_at")) == {(now, None)}


def test_changed_rule_tells_who_enters_and_leaves(four, now):
    segment = make("Capital", city("Lyon"), now=now)
    change(segment, city("Oslo"), now=now + LATER)
    segment.refresh_from_db()
    assert segment.state == SegmentState.BUILDING
    assert members(segment) == "Ann Cha"
    build(now + LATER)
    assert members(segment) == "Bob"
    assert sorted(told(segment)) == ["Ann left (definition)", "Bob entered (definition)", "Cha left (definition)"]
    left = Membership.objects.filter(contact=four["Ann"]).get()
    assert (left.entered_at, left.left_at) == (now, now + LATER)
    assert list(segment.versions.values_list("number", flat=True)) == [2, 1]


def test_build_without_change_writes_nothing(four, now):
    segment = make("Lyon", city("Lyon"), now=now)
    before = list(Membership.objects.order_by("pk").values())
    saving.rebuild(segment, now=now + LATER)
    build(now + LATER)
    assert list(Membership.objects.order_by("pk").values()) == before
    assert told() == []


def test_ranges_cover_everybody(four, now, monkeypatch):
    monkeypatch.setattr(building, "RANGE", 2)
    segment = make("Lyon", city("Lyon"), now=now)
    assert members(segment) == "Ann Cha"
    change(segment, city("Lyon", operator="is_none_of"), now=now)
    build(now)
    assert members(segment) == "Bob Dan"


def test_first_ranges_are_as_wide_as_few_people_enter(four, now, monkeypatch):
    monkeypatch.setattr(building, "RANGE", 2)
    write, entering, widths = building._range, [], set()

    def counting(build, segment, part, at):
        before = build.entered
        write(build, segment, part, at)
        entering.append(build.entered - before)
        widths.add(part.high - part.low)

    monkeypatch.setattr(building, "_range", counting)
    assert members(make("Lyon or Oslo", city("Lyon", "Oslo"), now=now)) == "Ann Bob Cha"
    assert sum(entering) == 3
    assert max(entering) <= 2
    widths.clear()
    assert members(make("Oslo", city("Oslo"), now=now)) == "Bob"
    assert widths == {2 * building._WIDEST}


def test_people_touched_during_a_build_are_judged_at_its_end(four, now, monkeypatch):
    segment = make("Lyon", city("Lyon"), now=now)
    follow(now)
    moves = iter([lambda: move(four["Bob"], "Lyon", now), lambda: move(four["Ann"], "Oslo", now)])
    monkeypatch.setattr(building, "RANGE", 1)
    monkeypatch.setattr(building, "_WIDEST", 1)
    write = building._range

    def touching(*args):
        next(moves, lambda: None)()
        follow(now)
        write(*args)

    monkeypatch.setattr(building, "_range", touching)
    saving.rebuild(segment, now=now)
    build(now)
    assert members(segment) == "Bob Cha"
    assert sorted(told(segment)) == ["Ann left (definition)", "Bob entered (definition)"]
    assert not SegmentWaiting.objects.exists()


def test_member_touched_before_the_follower_read_it_stays_without_a_word(four, now, monkeypatch):
    """She moved away and back while the build ran: what was read first no longer holds when it is written."""
    segment = make("Lyon", city("Lyon"), now=now)
    follow(now)
    move(four["Ann"], "Oslo", now)
    read = building._found

    def found_then_back(*args):
        found = read(*args)
        move(four["Ann"], "Lyon", now)
        follow(now)
        return found

    monkeypatch.setattr(building, "_found", found_then_back)
    saving.rebuild(segment, now=now)
    build(now)
    assert members(segment) == "Ann Cha"
    assert told(segment) == []


def test_changed_rule_ends_the_running_build(four, now, monkeypatch):
    segment = make("Lyon", city("Lyon"), now=now)
    write, once = building._range, iter([True])

    def changed_meanwhile(*args):
        if next(once, False):
            change(segment, city("Oslo"), now=now)
        write(*args)

    monkeypatch.setattr(building, "_range", changed_meanwhile)
    saving.rebuild(segment, now=now)
    assert building.run_due(lambda: now)
    assert members(segment) == "Ann Cha"
    assert told() == []
    build(now)
    assert members(segment) == "Bob"


def test_killed_build_goes_on_behind_the_last_range(four, now, monkeypatch):
    monkeypatch.setattr(building, "RANGE", 1)
    monkeypatch.setattr(building, "_WIDEST", 1)
    write, ranges = building._range, []

    class Killed(BaseException):
        pass

    def dying(build_row, segment, part, at):
        if four["Bob"].pk == part.low and Killed not in ranges:
            ranges.append(Killed)
            raise Killed
        ranges.append(part.low)
        write(build_row, segment, part, at)

    monkeypatch.setattr(building, "_range", dying)
    segment = saving.create(saving.Draft("Lyon", "", rule(city("Lyon"))), by=None, now=now)
    read(now)
    with pytest.raises(Killed):
        building.run_due(lambda: now)
    assert not building.run_due(lambda: now)
    segment.refresh_from_db()
    assert segment.state == SegmentState.BUILDING
    assert Membership.objects.count() == 1
    build(now + timedelta(hours=1))
    assert members(segment) == "Ann Cha"
    assert ranges.count(four["Ann"].pk) == ranges.count(four["Bob"].pk) == 1


def test_stopped_build_waits_for_a_person(four, now):
    segment = saving.create(saving.Draft("Lyon", "", rule(city("Lyon"))), by=None, now=now)
    assert saving.stop_build(segment, now=now)
    assert not saving.stop_build(segment, now=now)
    build(now)
    follow(now)
    segment.refresh_from_db()
    assert (segment.state, segment.members) == (SegmentState.BROKEN, 0)
    assert "stopped by hand" in segment.problem
    saving.rebuild(segment, now=now)
    build(now)
    assert members(segment) == "Ann Cha"


def test_rule_of_a_deleted_field_keeps_its_last_members_and_heals(four, now):
    tier = attributes.define("contact", "Tier", "text")
    Contact.objects.filter(name__in=["Ann", "Bob"]).update(attributes={tier.key: "gold"})
    question = {"field": f"attribute.{tier.key}", "operator": "is", "value": "gold"}
    segment = make("Gold", question, now=now)
    assert members(segment) == "Ann Bob"
    attributes.delete(tier)
    move(four["Ann"], "Rome", now)
    follow(now)
    assert members(segment) == "Ann Bob"
    assert segment.state == SegmentState.BROKEN
    assert "tier" in segment.problem.lower()
    saving.rebuild(segment, now=now)
    build(now)
    assert members(segment) == "Ann Bob"
    assert segment.state == SegmentState.BROKEN
    attributes.define("contact", "Tier", "text")
    Contact.objects.filter(name="Dan").update(attributes={tier.key: "gold"})
    follow(now)
    build(now)
    assert members(segment) == "Dan"
    assert segment.state == SegmentState.READY


def test_decision_by_hand_survives_builds(four, now, team):
    segment = make("Lyon", city("Lyon"), now=now)
    assert hand.include(segment, [four["Bob"].pk], by=team.mina, now=now) == 1
    assert hand.include(segment, [four["Bob"].pk], by=team.mina, now=now) == 0
    assert hand.exclude(segment, [four["Ann"].pk], by=team.mina, now=now) == 1
    assert members(segment) == "Bob Cha"
    assert told(segment) == ["Bob entered (hand)", "Ann left (hand)"]
    saving.rebuild(segment, now=now)
    build(now)
    assert members(segment) == "Bob Cha"
    assert hand.leave_to_rule(segment, [four["Ann"].pk, four["Bob"].pk, four["Dan"].pk], now=now) == 2
    assert members(segment) == "Ann Cha"


def test_deleted_segment_takes_its_work_along(four, now):
    segment = saving.create(saving.Draft("Lyon", "", rule(city("Lyon"))), by=None, now=now)
    saving.delete(segment)
    assert not SegmentBuild.objects.exists()
    assert not Segment.objects.exists()
    assert not building.run_due(lambda: now)
    assert SegmentTouch.objects.count() == 0
    assert SegmentBuild.objects.filter(state=WorkState.READY).count() == 0


def test_reader_that_began_while_it_was_written_is_counted_anew(four, now, monkeypatch):
    lyon, reader = make("Lyon", city("Oslo"), now=now), make("Of Lyon", city("Lyon"), now=now)
    change(reader, inside(lyon), now=now)
    build(now)
    assert members(reader) == "Bob"
    Segment.objects.filter(pk=reader.pk).update(state=SegmentState.BROKEN, problem="It reads what was broken.")
    SegmentBuild.objects.filter(segment=reader).update(began_at=None)
    change(lyon, city("Lyon"), now=now)
    whole = building._range

    def raced(*args):
        """Let the reader be counted after Lyon began and before it is written, as if it had looked before that."""
        monkeypatch.setattr(building, "_range", whole)
        queue_build(Segment.objects.get(pk=reader.pk), now)
        (claimed,) = SegmentBuild.claim(now)
        assert claimed.segment_id == reader.pk
        with monkeypatch.context() as ready:
            ready.setattr(building, "_wait_for_what_is_read", lambda *_: None)
            building._run(claimed, lambda: now + timedelta(seconds=1))
        whole(*args)

    monkeypatch.setattr(building, "_range", raced)
    assert building.run_due(lambda: now)
    assert members(reader) == "Bob"
    assert reader.state == SegmentState.BUILDING
    build(now + LATER)
    assert (members(lyon), members(reader)) == ("Ann Cha", "Ann Cha")
