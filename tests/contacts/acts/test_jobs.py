"""Acts on many: every verb done and undone, in ranges, as each role may, after a kill; what changed since stays."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from contacts.acts import jobs
from contacts.acts.models import ActStep, BulkAct, BulkActRow
from contacts.acts.verb import VERBS
from contacts.attributes.definition import define
from contacts.consent.models import ConsentEntry, ConsentState, Suppression
from contacts.consent.record import Proof
from contacts.lists import fixed, membership
from contacts.models import Contact, ContactTag, Event, ListMember, Stage
from contacts.people import ownership
from contacts.people.filters import BadFilter, filtered
from contacts.people.selection import Selection
from contacts.segments import caring, saving
from contacts.segments.models import Membership, Segment
from contacts.stages.moving import move
from contacts.topics import said
from contacts.topics.models import Topic, TopicEntry, TopicState
from crm.kit.pace import Pace
from crm.kit.work import WorkState
from tests.contacts.segments.living import city, make, members

pytestmark = pytest.mark.django_db
LYON = Selection(query="city=Lyon")


@pytest.fixture
def people(person, team):
    owners = {"Ann": team.rob, "Bob": team.rita, "Cha": None, "Dan": team.rob}
    return {
        name: person(owner, name=name, city="Oslo" if name == "Dan" else "Lyon", email=f"{name.lower()}@example.com")
        for name, owner in owners.items()
    }


@pytest.fixture
def narrow(monkeypatch):
    """Ranges of one person."""
    monkeypatch.setattr(jobs, "Pace", lambda *_args, **_named: Pace(1, least=1, most=1, seconds=0))


def run(now):
    while jobs.run_due(lambda: now):
        pass


def doing(key, params, team, now, selection=LYON, by=None):
    act = jobs.start(key, selection, params, by=by or team.mina, now=now)
    run(now)
    act.refresh_from_db()
    return act


def undoing(act, team, now, by=None):
    jobs.undo(act, by=by or team.mina, now=now)
    run(now)
    act.refresh_from_db()
    return act


def wearing(tag):
    return " ".join(Contact.objects.filter(tag_links__tag=tag).order_by("name").values_list("name", flat=True))


def test_everybody_found_is_tagged_in_ranges_and_untagged_again(people, team, now, narrow):
    vip = membership.tag_named("VIP")
    membership.tag(vip, [people["Ann"].pk], by=team.mina, now=now - timedelta(days=1))
    act = jobs.start("tag", LYON, {"tag": vip.pk}, by=team.mina, now=now)
    assert (act.step, act.percent, act.is_working) == (ActStep.GATHERING, 0, True)
    run(now)
    act.refresh_from_db()
    assert (act.state, act.people, act.seen, act.changed, act.percent) == (WorkState.DONE, 3, 3, 2, 100)
    assert (wearing(vip), act.finished_at, VERBS["tag"].said(act.params)) == ("Ann Bob Cha", now, "VIP")
    undoing(act, team, now)
    assert (wearing(vip), act.undone, act.kept, act.is_undone, act.undone_by) == ("Ann", 2, 0, True, team.mina)
    assert not act.may_be_undone(now)


def test_who_changed_since_stays_as_she_is(people, team, now):
    vip, later = membership.tag_named("VIP"), now + timedelta(hours=1)
    act = doing("tag", {"tag": vip.pk}, team, now)
    bob = [people["Bob"].pk]
    membership.untag(vip, bob, by=team.rita, now=later)
    membership.tag(vip, bob, by=team.rita, now=later)  # hers, not the act's
    membership.untag(vip, [people["Cha"].pk], by=team.rita, now=later)
    undoing(act, team, later)
    assert (wearing(vip), act.undone, act.kept) == ("Bob", 1, 2)


def test_taking_a_tag_is_undone_too(people, team, now):
    vip = membership.tag_named("VIP")
    membership.tag(vip, [people["Ann"].pk, people["Bob"].pk], by=team.mina, now=now)
    act = doing("untag", {"tag": vip.pk}, team, now)
    assert (wearing(vip), act.changed) == ("", 2)
    membership.tag(vip, [people["Bob"].pk], by=team.mina, now=now + timedelta(hours=1))
    undoing(act, team, now + timedelta(hours=2))
    assert (wearing(vip), act.undone, act.kept) == ("Ann Bob", 1, 1)


def test_lists_are_joined_and_left_and_back(people, team, now):
    expo = fixed.create("Expo", "", by=team.mina, now=now)
    before = now - timedelta(days=1)
    membership.add(expo, [people["Ann"].pk], by=team.mina, now=before)
    joined = doing("list", {"list": expo.pk}, team, now)
    assert (ListMember.objects.count(), joined.changed) == (3, 2)
    undoing(joined, team, now + timedelta(hours=1))
    assert [member.contact for member in ListMember.objects.all()] == [people["Ann"]]
    left = doing("unlist", {"list": expo.pk}, team, now)
    assert (ListMember.objects.count(), left.changed) == (0, 1)
    undoing(left, team, now + timedelta(hours=1))
    assert [member.contact for member in ListMember.objects.all()] == [people["Ann"]]


def test_owners_come_back_but_for_whom_somebody_else_got(people, team, now):
    act = doing("owner", {"owner": team.cleo.pk}, team, now)
    assert act.changed == Contact.objects.filter(owner=team.cleo).count() == 3
    ownership.assign([people["Bob"].pk], team.rob, by=team.mina, now=now)
    undoing(act, team, now)
    held = dict(Contact.objects.values_list("name", "owner"))
    assert held == {"Ann": team.rob.pk, "Bob": team.rob.pk, "Cha": None, "Dan": team.rob.pk}
    assert (act.undone, act.kept) == (2, 1)
    assert Event.objects.filter(kind__key="owner.changed").count() == 3 + 1 + 2


def test_stages_come_back_with_since_when_and_by_whom(people, team, now):
    educate, retain = (Stage.objects.get(model__in_use=True, key=key) for key in ("educate", "retain"))
    long_ago = now - timedelta(days=90)
    move([people["Ann"].pk, people["Bob"].pk], educate, cause="model", by=None, now=long_ago)
    act = doing("stage", {"stage": retain.pk}, team, now)
    assert act.changed == Contact.objects.filter(stage=retain, stage_by_hand=True).count() == 3
    move([people["Bob"].pk], educate, cause="person", by=team.rita, now=now + timedelta(hours=1))
    undoing(act, team, now + timedelta(hours=2))
    stood = {row.name: (row.stage, row.stage_since, row.stage_by_hand) for row in Contact.objects.filter(city="Lyon")}
    assert stood == {
        "Ann": (educate, long_ago, False),
        "Bob": (educate, now + timedelta(hours=1), True),
        "Cha": (None, None, False),
    }
    assert (act.undone, act.kept) == (2, 1)
    undone = Event.objects.filter(kind__key="stage.entered", properties__cause="undone")
    assert [event.contact_id for event in undone] == [people["Ann"].pk]


@pytest.mark.parametrize(("new", "kept"), [("Pro", "Pro"), (None, None)])
def test_an_attribute_is_written_and_what_was_there_comes_back(people, team, now, new, kept):
    plan = define("contact", "Plan", "choice", ["Pro", "Free"])
    Contact.objects.filter(name="Ann").update(attributes={"plan": "Free", "age": 3})
    Contact.objects.filter(name="Bob").update(attributes={"plan": "Free"})
    act = doing("attribute", {"attribute": plan.pk, "value": new}, team, now)
    held = dict(Contact.objects.filter(city="Lyon").values_list("name", "attributes__plan"))
    assert held == dict.fromkeys(("Ann", "Bob", "Cha"), kept)
    assert act.changed == (3 if new else 2)
    Contact.objects.filter(name="Bob").update(attributes={"plan": "Other"})
    undoing(act, team, now)
    assert dict(Contact.objects.filter(city="Lyon").values_list("name", "attributes")) == {
        "Ann": {"plan": "Free", "age": 3},
        "Bob": {"plan": "Other"},
        "Cha": {},
    }
    assert act.kept == 1


def test_consent_is_recorded_with_its_proof_and_stays(people, team, now):
    said = {"purpose": "marketing", "channel": "email", "decision": "granted", "source": "Trade fair", "wording": "Yes",
            "note": "binder 12", "at": now.isoformat()}  # fmt: skip
    act = doing("consent", said, team, now)
    assert (act.changed, ConsentState.objects.filter(decision="granted").count()) == (3, 3)
    proof = ConsentEntry.objects.get(contact=people["Bob"])
    assert (proof.source, proof.basis, proof.wording, proof.recorded_by) == (
        "Trade fair",
        "binder 12",
        "Yes",
        team.mina,
    )
    with pytest.raises(jobs.NotNow):
        jobs.undo(act, by=team.mina, now=now)
    assert ConsentEntry.objects.count() == 3


@pytest.mark.parametrize("wanted", [False, True])
def test_topic_is_recorded_where_it_does_not_hold_and_undone_by_the_opposite(people, team, now, narrow, wanted):
    topic = Topic.objects.create(name="Events")
    proof, before = Proof("form"), now - timedelta(days=3)
    said.record([people["Bob"].pk], {topic.pk: False}, at=before, proof=proof, now=before)

    def refusing():
        return " ".join(sorted(TopicState.objects.filter(wanted=False).values_list("contact__name", flat=True)))

    act = doing("topic", {"topic": topic.pk, "wanted": wanted, "source": "Trade fair"}, team, now)
    assert (act.changed, refusing()) == ((1, "") if wanted else (2, "Ann Bob Cha"))
    newest = TopicEntry.objects.order_by("-pk")[0]
    assert (newest.wanted, newest.source, newest.recorded_by) == (wanted, "Trade fair", team.mina)
    assert VERBS["topic"].said(act.params) == ("Events: They want it" if wanted else "Events: They do not want it")
    later = now + timedelta(hours=1)
    said.record([people["Ann"].pk], {topic.pk: False}, at=later, proof=proof, now=later)

    undoing(act, team, later + timedelta(hours=1))
    assert refusing() == "Ann Bob"
    assert (act.undone, act.kept) == (1, 0 if wanted else 1)
    assert TopicEntry.objects.order_by("-pk")[0].source == "undone"


def test_excluded_addresses_come_back_unless_another_reason_holds(people, team, now):
    act = doing("exclude", {"why": "They asked us to"}, team, now)
    assert (act.changed, Suppression.objects.filter(reason="manual").count()) == (3, 3)
    Suppression.objects.filter(email_key=people["Bob"].email_key).update(reason="complaint")
    undoing(act, team, now)
    assert [row.email_key for row in Suppression.objects.all()] == [people["Bob"].email_key]
    assert (act.undone, act.kept) == (2, 1)
    assert Event.objects.filter(kind__key="address.readmitted").count() == 2


def test_a_rep_reaches_only_own_people_and_her_acts(people, team, now):
    vip = membership.tag_named("VIP")
    act = doing("tag", {"tag": vip.pk}, team, now, by=team.rob)
    assert (act.people, wearing(vip)) == (2, "Ann Cha")
    assert list(BulkAct.objects.visible_to(team.rob)) == list(BulkAct.objects.visible_to(team.cleo)) == [act]
    assert not BulkAct.objects.visible_to(team.rita)
    assert not BulkAct.objects.visible_to(team.ana)


def test_whoever_lost_sight_of_people_neither_acts_on_them_nor_puts_them_back(people, team, now, narrow):
    vip = membership.tag_named("VIP")
    act = doing("tag", {"tag": vip.pk}, team, now, by=team.rob)
    ownership.assign([people["Ann"].pk], team.rita, by=team.mina, now=now)
    undoing(act, team, now, by=team.rob)
    assert (wearing(vip), act.undone, act.kept) == ("Ann", 1, 1)


def test_who_may_not_is_refused(people, team, now):
    vip = membership.tag_named("VIP")
    for who, key in ((team.ana, "tag"), (team.rob, "list"), (team.rob, "owner"), (team.rob, "journey")):
        with pytest.raises(PermissionDenied):
            jobs.start(key, LYON, {}, by=who, now=now)
    act = doing("tag", {"tag": vip.pk}, team, now)
    with pytest.raises(PermissionDenied):
        jobs.undo(act, by=team.ana, now=now)
    with pytest.raises(BadFilter):
        jobs.start("tag", Selection(query="tag=x"), {"tag": vip.pk}, by=team.mina, now=now)
    assert (BulkAct.objects.count(), wearing(vip)) == (1, "Ann Bob Cha")


def test_a_right_that_is_taken_away_stops_the_act(people, team, now):
    vip = membership.tag_named("VIP")
    act = jobs.start("tag", LYON, {"tag": vip.pk}, by=team.rob, now=now)
    type(team.rob).objects.filter(pk=team.rob.pk).update(role="analyst")
    run(now)
    act.refresh_from_db()
    assert (act.state, wearing(vip)) == (WorkState.FAILED, "")


def test_an_act_lasts_whatever_it_changes_and_later_people_are_not_meant(people, person, team, now, narrow):
    """The filter is asked once: whoever no longer fits it is still meant, whoever fits it later is not."""
    first, second = (Stage.objects.get(model__in_use=True, key=key) for key in ("educate", "retain"))
    move([row.pk for row in people.values()], first, cause="model", by=None, now=now)
    act = jobs.start("stage", Selection(query=f"stage={first.pk}"), {"stage": second.pk}, by=team.mina, now=now)
    run(now)
    act.refresh_from_db()
    assert (act.changed, Contact.objects.filter(stage=second).count()) == (4, 4)


def test_a_killed_act_goes_on_behind_its_last_range(people, team, now, narrow, monkeypatch):
    vip, rounds = membership.tag_named("VIP"), []
    step = jobs._do_range

    def dying(act, verb, width, at):
        rounds.append(act.position)
        if len(rounds) == 3:
            raise KeyboardInterrupt
        return step(act, verb, width, at)

    monkeypatch.setattr(jobs, "_do_range", dying)
    act = jobs.start("tag", LYON, {"tag": vip.pk}, by=team.mina, now=now)
    with pytest.raises(KeyboardInterrupt):
        run(now)
    assert wearing(vip) == "Ann Bob"
    run(now)
    assert wearing(vip) == "Ann Bob"  # its lease runs
    run(now + timedelta(hours=1))
    act.refresh_from_db()
    assert (wearing(vip), act.changed, act.people) == ("Ann Bob Cha", 3, 3)
    assert rounds[3] == rounds[2]


def test_a_stopped_act_can_be_undone_and_its_undoing_goes_on(people, team, now, narrow, monkeypatch):
    vip, step, rounds = membership.tag_named("VIP"), jobs._do_range, []
    act = jobs.start("tag", LYON, {"tag": vip.pk}, by=team.mina, now=now)

    def stopped(row, verb, width, at):
        rounds.append(row.position)
        if len(rounds) == 3:
            jobs.cancel(row, now=now)
        return step(row, verb, width, at)

    monkeypatch.setattr(jobs, "_do_range", stopped)
    run(now)
    act.refresh_from_db()
    assert (act.state, wearing(vip), act.changed) == (WorkState.CANCELLED, "Ann Bob", 2)
    with pytest.raises(jobs.NotNow):
        jobs.cancel(act, now=now)
    back, taken = jobs._undo_range, []

    def halted(row, verb, width, at):
        taken.append(row.position)
        if len(taken) == 2:
            jobs.cancel(row, now=now)
        return back(row, verb, width, at)

    monkeypatch.setattr(jobs, "_undo_range", halted)
    undoing(act, team, now)
    assert (wearing(vip), act.may_be_undone(now), act.is_undone) == ("Bob", True, False)
    undoing(act, team, now)
    assert (wearing(vip), act.undone, act.is_undone) == ("", 2, True)
    with pytest.raises(jobs.NotNow):
        jobs.undo(act, by=team.mina, now=now)


def test_a_deleted_target_fails_the_act(people, team, now):
    gone = membership.tag_named("Gone")
    act = jobs.start("tag", LYON, {"tag": gone.pk}, by=team.mina, now=now)
    gone.delete()
    run(now)
    act.refresh_from_db()
    assert (act.state, act.last_error) == (WorkState.FAILED, "What was chosen, or the right to do this, is gone.")
    assert not ContactTag.objects.exists()
    assert VERBS["tag"].said(act.params) == "deleted"


def test_after_some_days_it_is_forgotten_what_people_were(people, team, now):
    vip = membership.tag_named("VIP")
    act = doing("tag", {"tag": vip.pk}, team, now)
    assert (jobs.forget(now), BulkActRow.objects.count()) == (0, 3)
    late = now + timedelta(days=8)
    assert (jobs.forget(late), BulkActRow.objects.count(), act.may_be_undone(late)) == (3, 0, False)
    with pytest.raises(jobs.NotNow):
        jobs.undo(act, by=team.mina, now=late)
    assert wearing(vip) == "Ann Bob Cha"


def test_whom_an_act_changed_can_be_listed(people, team, now):
    from django.http import QueryDict

    vip = membership.tag_named("VIP")
    membership.tag(vip, [people["Ann"].pk], by=team.mina, now=now - timedelta(days=1))
    act = doing("tag", {"tag": vip.pk}, team, now)
    found = filtered(Contact.objects.visible_to(team.mina), QueryDict(f"act={act.pk}"), team.mina)
    assert set(found) == {people["Bob"], people["Cha"]}


def test_the_whole_of_a_segment_is_told_from_a_part_of_it(people, team, now):
    lyon = make("Lyon", city("Lyon"), now=now)
    vip = membership.tag_named("VIP")
    for query, whole in (
        (f"segment={lyon.pk}", lyon),
        (f"segment={lyon.pk}&sort=name", lyon),
        (f"segment={lyon.pk}&city=Lyon", None),
        (f"segment={lyon.pk}:on:2026-11-20", None),
        ("city=Lyon", None),
    ):
        act = jobs.start("tag", Selection(query=query), {"tag": vip.pk}, by=team.mina, now=now)
        assert act.segment == whole, query
    run(now)
    assert (wearing(vip), lyon.acts.count()) == ("Ann Bob Cha", 2)


def test_the_night_clears_up_and_counts_again(people, team, now, caplog):
    lyon, other = make("Lyon", city("Lyon"), now=now), make("Oslo", city("Oslo"), now=now)
    saving.delete(other)
    assert Membership.objects.count() == 4
    Segment.objects.filter(pk=lyon.pk).update(members=7)
    Membership.objects.create(segment=lyon, contact_id=10**6, entered_at=now)
    assert caring.lost_contacts() == [10**6]
    Membership.objects.filter(contact_id=10**6).delete()
    caring.nightly(now)
    assert (Membership.objects.count(), members(lyon)) == (3, "Ann Bob Cha")
    assert "has 3 people, not 7" in caplog.text


def test_no_range_writes_longer_than_it_must(people, team, now):
    """Gathering is outside of any transaction of the act, and each range commits by itself."""
    act = jobs.start("tag", LYON, {"tag": membership.tag_named("VIP").pk}, by=team.mina, now=now)
    with transaction.atomic():
        jobs.run_due(lambda: now, only=act)
        assert connection.in_atomic_block
    act.refresh_from_db()
    assert act.state == WorkState.DONE


class Ticking:
    """A clock that each person who is changed moves by about a millisecond."""

    def __init__(self):
        self.seconds, self.widths = 0.0, []

    def monotonic(self):
        return self.seconds

    def work(self, _params, ids, _by, _now):
        self.widths.append(len(ids))
        self.seconds += len(ids) / 1_024  # exact in binary, so that widths are
        return dict.fromkeys(ids, False)


def test_ranges_begin_narrow_and_grow_to_a_third_of_a_second(team, now, monkeypatch):
    Contact.objects.bulk_create([Contact(city="Lyon") for _ in range(1200)])
    clock, vip = Ticking(), membership.tag_named("VIP")
    monkeypatch.setattr("crm.kit.pace.time", clock)
    monkeypatch.setitem(VERBS._entries, "tag", replace(VERBS["tag"], do=clock.work))
    act = doing("tag", {"tag": vip.pk}, team, now)
    assert (act.state, act.changed) == (WorkState.DONE, 1_200)
    assert clock.widths == [200, 307, 307, 307, 79]


def test_ranges_become_narrow_when_work_is_slow(team, now, monkeypatch):
    Contact.objects.bulk_create([Contact(city="Lyon") for _ in range(400)])
    clock, vip = Ticking(), membership.tag_named("VIP")
    monkeypatch.setattr("crm.kit.pace.time", clock)
    monkeypatch.setitem(
        VERBS._entries, "tag",
        replace(VERBS["tag"], do=lambda params, ids, by, at: clock.work(params, list(ids) * 3, by, at) or {}),
    )  # fmt: skip
    doing("tag", {"tag": vip.pk}, team, now)
    assert [n // 3 for n in clock.widths] == [200, 102, 98]
