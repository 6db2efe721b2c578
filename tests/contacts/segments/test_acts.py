"""Acts on a whole segment: in ranges, as each role may, after a kill, and the list made of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from contacts.errors import Invalid, NameTaken
from contacts.lists import fixed, membership
from contacts.models import Contact, ContactTag, Event, FixedList, ListMember, SegmentAct, Stage
from contacts.segments import acts, caring, saving
from contacts.segments.models import Membership, Segment
from crm.kit.work import WorkState
from tests.contacts.segments.living import city, make, members

pytestmark = pytest.mark.django_db


@pytest.fixture
def lyon(person, team, now):
    for name, owner in {"Ann": team.rob, "Bob": team.rita, "Cha": None, "Dan": team.rob}.items():
        person(owner, name=name, city="Oslo" if name == "Dan" else "Lyon")
    return make("Lyon", city("Lyon"), now=now)


def run(now):
    while acts.run_due(lambda: now):
        pass


def wearing(tag):
    return " ".join(Contact.objects.filter(tag_links__tag=tag).order_by("name").values_list("name", flat=True))


def test_everybody_is_tagged_in_ranges(lyon, team, now, monkeypatch):
    monkeypatch.setattr(acts, "RANGE", 2)
    vip = membership.tag_named("VIP")
    membership.tag(vip, [Contact.objects.get(name="Ann").pk], by=team.mina, now=now)
    act = acts.start(lyon, "tag", vip.pk, by=team.mina, now=now)
    assert (act.people, act.percent, act.is_working) == (3, 0, True)
    run(now)
    act.refresh_from_db()
    assert (act.state, act.seen, act.changed, act.percent, act.finished_at) == (WorkState.DONE, 3, 2, 100, now)
    assert wearing(vip) == "Ann Bob Cha"
    assert acts.target_of(act) == vip
    acts.start(lyon, "untag", vip.pk, by=team.mina, now=now)
    run(now)
    assert wearing(vip) == ""


def test_a_rep_reaches_only_own_people(lyon, team, now):
    vip = membership.tag_named("VIP")
    act = acts.start(lyon, "tag", vip.pk, by=team.rob, now=now)
    run(now)
    assert (act.people, wearing(vip)) == (2, "Ann Cha")


def test_owner_and_stage_are_changed_with_their_events(lyon, team, now):
    stage = Stage.objects.get(model__in_use=True, key="educate")
    acts.start(lyon, "stage", stage.pk, by=team.mina, now=now)
    acts.start(lyon, "owner", None, by=team.mina, now=now)
    run(now)
    assert Contact.objects.filter(stage=stage).count() == Contact.objects.filter(city="Lyon", owner=None).count() == 3
    assert Event.objects.filter(kind__key="stage.entered").count() == 3
    assert Event.objects.filter(kind__key="owner.changed").count() == 2


@pytest.mark.parametrize(
    ("key", "target"), [("fly", 1), ("tag", None), ("tag", 99999), ("stage", 99999), ("list", None)]
)
def test_nonsense_is_refused(lyon, team, now, key, target):
    with pytest.raises(Invalid):
        acts.start(lyon, key, target, by=team.mina, now=now)
    assert not SegmentAct.objects.exists()


def test_who_may_not_is_refused(lyon, team, now):
    chosen = fixed.create("Expo", "", by=team.mina, now=now)
    vip = membership.tag_named("VIP")
    for who, key, target in (
        (team.ana, "tag", vip.pk),
        (team.rob, "list", chosen.pk),
        (team.rob, "owner", team.rob.pk),
    ):
        with pytest.raises(PermissionDenied):
            acts.start(lyon, key, target, by=who, now=now)
    with pytest.raises(PermissionDenied):
        acts.snapshot(lyon, "Mine", by=team.rob, now=now)
    assert (SegmentAct.objects.count(), FixedList.objects.count()) == (0, 1)


def test_a_snapshot_is_a_list_that_stays(lyon, team, now):
    act = acts.snapshot(lyon, "Lyon in November", by=team.mina, now=now)
    run(now)
    made = FixedList.objects.get()
    assert (made.name, made.description, act.target) == (
        "Lyon in November",
        "Taken from the segment “Lyon”.",
        made.pk,
    )
    Contact.objects.update(city="Rome")
    assert ListMember.objects.filter(fixed_list=made).count() == 3
    with pytest.raises(NameTaken):
        acts.snapshot(lyon, "lyon in november", by=team.mina, now=now)
    assert SegmentAct.objects.count() == 1


def test_a_killed_act_goes_on_behind_its_last_range(lyon, team, now, monkeypatch):
    monkeypatch.setattr(acts, "RANGE", 1)
    vip, rounds = membership.tag_named("VIP"), []
    step = acts._range

    def dying(act, at):
        rounds.append(act.upto)
        if len(rounds) == 3:
            raise KeyboardInterrupt
        return step(act, at)

    monkeypatch.setattr(acts, "_range", dying)
    acts.start(lyon, "tag", vip.pk, by=team.mina, now=now)
    with pytest.raises(KeyboardInterrupt):
        run(now)
    assert wearing(vip) == "Ann Bob"
    run(now)
    assert wearing(vip) == "Ann Bob"
    run(now + timedelta(hours=1))
    assert wearing(vip) == "Ann Bob Cha"
    assert (SegmentAct.objects.get().changed, rounds[2], rounds[3]) == (3, rounds[2], rounds[2])


def test_a_cancelled_act_stops_and_a_deleted_target_fails(lyon, team, now):
    vip, gone = membership.tag_named("VIP"), membership.tag_named("Gone")
    stopped = acts.start(lyon, "tag", vip.pk, by=team.mina, now=now)
    failing = acts.start(lyon, "tag", gone.pk, by=team.mina, now=now)
    assert acts.cancel(stopped, now=now)
    assert not acts.cancel(stopped, now=now)
    gone.delete()
    run(now)
    failing.refresh_from_db()
    assert (failing.state, failing.last_error) == (
        WorkState.FAILED,
        "What was chosen, or the right to do this, is gone.",
    )
    assert not ContactTag.objects.exists()


def test_the_night_clears_up_and_counts_again(lyon, team, now, caplog):
    other = make("Oslo", city("Oslo"), now=now)
    saving.delete(other)
    assert Membership.objects.count() == 4
    Segment.objects.filter(pk=lyon.pk).update(members=7)
    Membership.objects.create(segment=lyon, contact_id=10**6, entered_at=now)
    assert caring.lost_contacts() == [10**6]
    Membership.objects.filter(contact_id=10**6).delete()
    caring.nightly(now)
    assert (Membership.objects.count(), members(lyon)) == (3, "Ann Bob Cha")
    assert "has 3 people, not 7" in caplog.text
