"""People move by the rules of the stage model in use: exact stages after real events, hands respected, nobody twice."""

from datetime import timedelta
from decimal import Decimal

import pytest

from contacts.errors import Invalid, StaleEdit
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.ledger.queries import timeline
from contacts.models import Contact, Order, Segment, Stage, StageModel, StageRule
from contacts.segments import saving
from contacts.segments.errors import BadRule
from contacts.segments.uses import InUse
from contacts.stages import choice, following, preview, rules
from contacts.stages.moving import BY_HAND, move
from contacts.stages.preset_rules import EVERYBODY, KNOWN, PRESET_RULES
from contacts.stages.rules import RuleDraft
from tests.contacts.segments.living import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(now):
    """Return a function that lets followers, builds and sweeps do everything that is due at a time."""

    def go(at=now) -> None:
        for _round in range(3):
            catch_up(at)
            build(at)
            while following.SWEEP.run(at):
                pass

    return go


def where() -> dict[str, str | None]:
    return dict(Contact.objects.live().order_by("name").values_list("name", "stage__key"))


def stage(key: str) -> Stage:
    return Stage.objects.get(model__in_use=True, key=key)


def order(contact, key, at) -> None:
    Order.objects.create(key=key, contact=contact, placed_at=at, total=Decimal(9), currency="KRW")
    append([NewEvent(contact.pk, "order.placed", at, value=Decimal(9))], source="test", now=at)


def draft(entry=None, **more) -> RuleDraft:
    plain = {"exit": None, "exit_to": None, "priority": 0, "moves_back": False, "minimum_days": 0}
    return RuleDraft(entry=entry, **{**plain, **more})


def has_city(name: str) -> dict:
    return {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": name}]}}


def test_everybody_is_placed_and_moves_on_by_what_she_does(crowd, now, run):
    run()
    assert where() == {"Emma Park": "educate", "apple": "discover", "김철수": "educate", "이영희": "educate"}
    assert Segment.objects.audiences().count() == 0
    later = now + timedelta(hours=1)
    order(crowd.kim, "A-1", later)
    run(later)
    assert where()["김철수"] == "retain"
    last = timeline([crowd.kim.pk], kinds=["stage.entered"])[0]
    rule = StageRule.objects.get(stage=stage("retain"))
    facts = {key: last.properties[key] for key in ("from", "to", "cause", "rule")}
    assert facts == {"from": "educate", "to": "retain", "cause": "rule", "rule": rule.entry_segment_id}
    assert timeline([crowd.kim.pk], kinds=["stage_rule.began"])[0].id == last.cause
    run(later)
    assert len(timeline([crowd.kim.pk], kinds=["stage.entered"])) == 2


def test_nothing_due_costs_one_question_and_locks_nothing(crowd, now, run, django_assert_num_queries):
    run()
    soon = now + timedelta(seconds=30)
    with django_assert_num_queries(1) as asked:
        assert following.SWEEP.run(soon) == 0
    assert "FOR UPDATE" not in asked.captured_queries[0]["sql"]
    before = StageModel.objects.get(in_use=True)
    assert following.SWEEP.run(now + timedelta(minutes=1)) == 0
    after = StageModel.objects.get(in_use=True)
    assert (before.stays_until, after.stays_until) == (now, now + timedelta(minutes=1))


def test_a_move_by_hand_wins_until_a_rule_begins_to_hold(crowd, team, now, run):
    order(crowd.kim, "A-1", now)
    run()
    hour = timedelta(hours=1)
    move([crowd.kim.pk], stage("educate"), cause=BY_HAND, by=team.mina, now=now + hour)
    run(now + 2 * hour)
    assert where()["김철수"] == "educate"
    for number in range(4):
        order(crowd.kim, f"B-{number}", now + 3 * hour)
    run(now + 3 * hour)
    assert where()["김철수"] == "advocate"
    assert not Contact.objects.get(pk=crowd.kim.pk).stage_by_hand


def test_nobody_is_moved_back_unless_the_stage_takes_people_back(crowd, team, now, run):
    run()
    move([crowd.lee.pk], stage("retain"), cause="import", by=team.mina, now=now)
    version = rules.rule_of(stage("convert")).version
    rules.save(stage("convert"), draft(has_city("부산"), priority=50), version=version, now=now)
    run()
    assert where()["이영희"] == "retain"
    rules.save(stage("convert"), draft(has_city("부산"), priority=50, moves_back=True), version=version + 1, now=now)
    run()
    assert where()["이영희"] == "convert"


def test_the_highest_priority_wins_and_an_exit_leads_on(crowd, now, run):
    run()
    through = draft(KNOWN, exit=has_city("부산"), priority=10)
    rules.save(stage("educate"), through, version=1, now=now)
    rules.save(stage("advocate"), draft(has_city("부산"), priority=5), version=1, now=now)
    rules.save(stage("discover"), draft(EVERYBODY, priority=900), version=1, now=now)
    run()
    assert where()["이영희"] == "advocate"  # the exit alone would lead to convert
    rules.save(stage("advocate"), draft(None), version=2, now=now)
    move([crowd.lee.pk], stage("educate"), cause="import", by=None, now=now)
    Contact.objects.filter(pk=crowd.lee.pk).update(city="대구")
    append([NewEvent(crowd.lee.pk, "contact.updated", now)], source="test", now=now)
    run()
    later = now + timedelta(hours=1)
    Contact.objects.filter(pk=crowd.lee.pk).update(city="부산")
    append([NewEvent(crowd.lee.pk, "contact.updated", later)], source="test", now=later)
    run(later)
    assert where()["이영희"] == "convert"


def test_a_shortest_stay_holds_people_and_then_lets_them_go(crowd, now, run):
    rules.save(stage("educate"), draft(KNOWN, minimum_days=3, priority=10), version=1, now=now)
    run()
    soon, just_before, after = (now + timedelta(days=days) for days in (1, 2.99, 3.01))
    order(crowd.kim, "A-1", soon)
    run(soon)
    run(just_before)
    assert where()["김철수"] == "educate"
    run(after)
    assert where()["김철수"] == "retain"
    assert Contact.objects.get(pk=crowd.kim.pk).stage_since == after


def test_another_model_brings_its_own_rules(crowd, team, now, run):
    run()
    race = StageModel.objects.get(key="race")
    mapping = choice.suggested(list(StageModel.objects.get(in_use=True).stages.all()), list(race.stages.all()))
    choice.use(race, mapping, by=team.alice, now=now)
    run(now + timedelta(minutes=1))
    assert where() == {"Emma Park": "act", "apple": "reach", "김철수": "act", "이영희": "act"}
    assert set(StageRule.objects.exclude(entry_segment=None).values_list("stage__model__key", flat=True)) == {"race"}
    assert Segment.objects.count() == 5


def test_preview_says_who_would_move_and_moves_nobody(crowd, team, now, run):
    run()
    before = where(), Segment.objects.count(), StageRule.objects.get(stage=stage("advocate")).entry
    found = preview.preview(stage("advocate"), draft(has_city("부산"), priority=90), user=team.mina, now=now)
    assert [(flow.origin, flow.to, flow.people) for flow in found.flows] == [("Educate", "Advocate", 1)]
    assert [person.name for person in found.flows[0].sample] == ["이영희"]
    assert (where(), Segment.objects.count(), StageRule.objects.get(stage=stage("advocate")).entry) == before
    for_rob = preview.preview(stage("advocate"), draft(has_city("부산"), priority=90), user=team.rob, now=now)
    assert for_rob.flows == []  # she is Rita's


def test_bad_rules_name_the_place_and_change_nothing(crowd, team, now):
    wrong = {"version": 1, "rule": {"all": [{"field": "nothing", "operator": "is", "value": "x"}]}}
    circle = {
        "version": 1,
        "rule": {"all": [{"field": "stage", "operator": "is_any_of", "value": [stage("retain").pk]}]},
    }
    for bad, side in ((draft(wrong), "entry"), (draft(KNOWN, exit=circle), "exit")):
        with pytest.raises(BadRule) as caught:
            rules.save(stage("retain"), bad, version=1, now=now)
        assert caught.value.problems[0].path[0] == side
    for bad in (draft(KNOWN, exit_to=stage("retain")), draft(KNOWN, priority=-1), draft(KNOWN, minimum_days=10**6)):
        with pytest.raises(Invalid):
            rules.save(stage("retain"), bad, version=1, now=now)
    with pytest.raises(StaleEdit):
        rules.save(stage("retain"), draft(KNOWN), version=7, now=now)
    assert rules.rule_of(stage("retain")).entry == PRESET_RULES["lifecycle", "retain"].entry


def test_every_preset_stage_ships_with_a_rule_that_parses(db):
    shipped = {
        (rule.stage.model.key, rule.stage.key): rule for rule in StageRule.objects.select_related("stage__model")
    }
    assert set(shipped) == set(Stage.objects.values_list("model__key", "key")) == set(PRESET_RULES)
    for rule in shipped.values():
        for definition in (rule.entry, rule.exit):
            assert definition is None or rules.parse(definition).stored() == definition


def test_a_segment_that_a_stage_reads_cannot_be_deleted_and_stages_own_are_no_choice(crowd, now, run):
    run()
    busan = saving.create(saving.Draft("부산 사람", "", has_city("부산")), by=None, now=now)
    inside = {"version": 1, "rule": {"all": [{"field": "segments", "operator": "has_any_of", "value": [busan.pk]}]}}
    rules.save(stage("advocate"), draft(inside, priority=90), version=1, now=now)
    with pytest.raises(InUse, match="Advocate"):
        saving.delete(busan)
    hidden = rules.rule_of(stage("advocate")).entry_segment_id
    peeking = {"version": 1, "rule": {"all": [{"field": "segments", "operator": "has_any_of", "value": [hidden]}]}}
    with pytest.raises(BadRule):
        saving.create(saving.Draft("Peeking", "", peeking), by=None, now=now)
    run()
    run(now + timedelta(minutes=1))  # the rule's own segment waits for the one that it reads
    assert where()["이영희"] == "advocate"
    assert timeline([crowd.lee.pk], kinds=["segment.entered"]) == []
