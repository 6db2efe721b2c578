"""The pages of stage rules: in words, built, reviewed before they are saved; refused with the place; by role."""

import json

import pytest

from contacts.models import Stage, StageRule
from contacts.stages.preset_rules import KNOWN
from contacts.stages.rules import rule_of

pytestmark = pytest.mark.django_db

BUSAN = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}


def stage(key: str) -> Stage:
    return Stage.objects.get(model__in_use=True, key=key)


def url(key: str, side: str = "") -> str:
    return f"/settings/stages/rules/{stage(key).pk}/{side}"


def test_overview_says_the_rules_in_words(crowd, team, as_):
    page = as_(team.mina).get("/settings/stages/").content.decode()
    assert "Number of orders is at least 5" in page
    assert page.count("stage-rule-words") or page.count("<dt>") >= 22


def test_conditions_are_reviewed_and_then_saved(crowd, team, as_):
    client, posted = as_(team.mina), {"definition": json.dumps(BUSAN, ensure_ascii=False), "version": 1}
    assert client.get(url("advocate", "entry/")).status_code == 200
    review = client.post(url("advocate", "entry/"), posted)
    assert review.status_code == 200
    assert "1 person would move at once" in review.content.decode()
    assert "이영희" in review.content.decode()
    assert rule_of(stage("advocate")).version == 1
    back = client.post(url("advocate", "entry/"), posted | {"back": "1"}).content.decode()
    assert "부산" in back
    assert rule_of(stage("advocate")).version == 1
    assert client.post(url("advocate", "entry/"), posted | {"confirmed": "1"}).status_code == 302
    rule = rule_of(stage("advocate"))
    assert (rule.entry, rule.version) == (BUSAN, 2)
    assert client.post(url("advocate", "entry/"), posted | {"confirmed": "1"}).status_code == 409
    assert client.post(url("advocate", "exit/"), posted | {"version": 2, "confirmed": "1"}).status_code == 302
    gone = {"definition": "", "without": "1", "version": 3, "confirmed": "1"}
    assert client.post(url("advocate", "exit/"), gone).status_code == 302
    assert rule_of(stage("advocate")).exit is None


def test_place_among_others_is_reviewed_and_saved(crowd, team, as_):
    client = as_(team.mina)
    posted = {"version": 1, "priority": 30, "minimum_days": 2, "moves_back": "on", "exit_to": ""}
    assert "would move" in client.post(url("retain"), posted).content.decode()
    assert client.post(url("retain"), posted | {"confirmed": "1"}).status_code == 302
    rule = rule_of(stage("retain"))
    assert (rule.priority, rule.minimum_days, rule.moves_back, rule.version) == (30, 2, True, 2)
    page = client.get(url("retain")).content.decode()
    assert "Number of orders is at least 1" in page


def test_after_the_review_only_what_both_changed_is_to_be_chosen(crowd, team, as_):
    mine, theirs = as_(team.mina), {"version": 1, "priority": 40, "minimum_days": 1, "exit_to": "", "confirmed": "1"}
    typed = {"version": 1, "priority": 35, "minimum_days": 0, "exit_to": ""}
    stored = rule_of(stage("retain"))
    seen = {"priority": [str(stored.priority)], "minimum_days": [str(stored.minimum_days)], "moves_back": []}
    assert mine.post(url("retain"), theirs).status_code == 302
    review = mine.post(url("retain"), typed | {"minimum_days": stored.minimum_days, "seen": json.dumps(seen)})
    stale = mine.post(url("retain"), dict(review.context["kept"]) | {"confirmed": "1"})
    assert stale.status_code == 409
    rows = {row.name: (row.before, row.clash, row.mine) for row in stale.context["differences"]}
    before = str(stored.priority), str(stored.minimum_days)
    assert rows == {"priority": (before[0], True, True), "minimum_days": (before[1], False, False)}


def test_who_takes_the_rule_of_another_does_not_go_without(crowd, team, as_):
    client, address = as_(team.mina), url("advocate", "entry/")
    text = json.dumps(BUSAN, ensure_ascii=False)
    assert client.post(address, {"definition": text, "version": 1, "confirmed": "1"}).status_code == 302
    stale = client.post(address, {"definition": text, "version": 1, "without": "1", "confirmed": "1"})
    assert stale.status_code == 409
    choice = dict(stale.context["typed_again"]) | {"version": 2, "merge": "1", "take-definition": "theirs"}
    review = client.post(address, choice | {"theirs-definition": text})
    assert client.post(address, dict(review.context["kept"]) | {"confirmed": "1"}).status_code == 302
    assert rule_of(stage("advocate")).entry == BUSAN


def test_a_model_that_is_not_in_use_is_saved_at_once(team, as_):
    act = Stage.objects.get(model__key="race", key="act")
    answer = as_(team.mina).post(
        f"/settings/stages/rules/{act.pk}/entry/", {"definition": json.dumps(KNOWN), "version": 1}
    )
    assert answer.status_code == 302
    assert StageRule.objects.get(stage=act).entry_segment is None


def test_bad_input_is_refused_at_its_place(team, as_):
    client = as_(team.mina)
    wrong = {"version": 1, "rule": {"all": [{"field": "nothing", "operator": "is", "value": "x"}]}}
    for text in (json.dumps(wrong), "{", "[]", '{"version": 1, "rule": {"all": [' * 3):
        answer = client.post(url("retain", "entry/"), {"definition": text, "version": 1})
        assert answer.status_code == 400
    for posted in ({"priority": 5000}, {"minimum_days": -1}, {"priority": "x"}, {"exit_to": stage("retain").pk}):
        full = {"version": 1, "priority": 1, "minimum_days": 0} | posted
        assert client.post(url("retain"), full).status_code == 400
    assert client.get(url("retain", "middle/")).status_code == 404
    assert client.get("/settings/stages/rules/999999/").status_code == 404
    assert rule_of(stage("retain")).version == 1


def test_only_who_may_edit_stages_gets_in(team, as_):
    for user in (team.rob, team.cleo, team.ana):
        for address in (url("retain"), url("retain", "entry/")):
            assert as_(user).get(address).status_code == 403
            assert as_(user).post(address, {"version": 1}).status_code == 403
