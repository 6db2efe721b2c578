"""Journeys drawn and published, people put into segments, score rules, products and template versions, by programs."""

import pytest

from campaigns.templating.models import MailTemplate
from contacts.commerce.models import Product
from contacts.scoring.models import ScoreRule
from contacts.segments.models import ByHand, Segment
from journeys.journey.models import Journey
from tests.campaigns.conftest import make_campaign

pytestmark = pytest.mark.django_db
DRAWING = {
    "version": 1,
    "triggers": [{"key": "hand", "kind": "by_hand", "settings": {}}],
    "first": "end",
    "steps": [{"key": "end", "kind": "end", "settings": {}}],
}


def paths(answer):
    return [one["path"] for one in answer.body["errors"]]


def test_journey_is_drawn_saved_by_version_and_published_once(program, team):
    mina = program(team.mina)
    made = mina.post("journeys", {"name": "Welcome"})
    assert (made.status, made.body["state"], made.body["version"]) == (201, "draft", 1)
    where = f"journeys/{made.body['id']}"
    refused = mina.post(f"{where}/publish", {"version": 1})
    assert (refused.status, refused.body["errors"][0]["path"]) == (422, "drawing")
    wrong = mina.patch(f"{where}/draft", {"version": 1, "drawing": {"version": 1, "steps": "none"}})
    assert (wrong.status, wrong.body["errors"][0]["path"].startswith("drawing")) == (400, True)
    saved = mina.patch(f"{where}/draft", {"version": 1, "drawing": DRAWING})
    assert (saved.status, saved.body["version"], saved.body["problems"]) == (200, 2, [])
    stale = mina.patch(f"{where}/draft", {"version": 1, "drawing": {"version": 1, "steps": []}})
    assert (stale.status, stale.body["current"]["version"]) == (409, 2)
    assert mina.post(f"{where}/publish", {"version": 1}).status == 409
    for _again in range(2):
        assert mina.post(f"{where}/publish", {"version": 2}).body["number"] == 1
    assert mina.patch(where, {"name": "Hello"}).body["state"] == "running"
    row = Journey.objects.get()
    assert (row.name, row.live.number, row.draft["first"]) == ("Hello", 1, "end")


def test_people_are_put_into_a_segment_by_hand(program, crowd, team):
    mina = program(team.mina)
    rule = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}
    where = f"segments/{mina.post('segments', {'name': 'S', 'definition': rule}).body['id']}/by-hand"
    given = {"include": [crowd.lee.pk, 99999], "exclude": [crowd.kim.pk]}
    wanted = {"included": 1, "excluded": 1, "to_rule": 0, "not_found": [99999]}
    assert mina.post(where, given).body == wanted
    assert mina.post(where, given).body == {**wanted, "included": 0, "excluded": 0}
    assert mina.post(where, {"include": [crowd.kim.pk], "to_rule": [crowd.kim.pk]}).status == 400
    told = mina.get(where).body["results"]
    decided = {(crowd.lee.pk, True, team.mina.pk), (crowd.kim.pk, False, team.mina.pk)}
    assert {(row["contact_id"], row["included"], row["by_id"]) for row in told} == decided
    assert [row["contact_id"] for row in program(team.rita).get(where).body["results"]] == [crowd.lee.pk]
    assert mina.post(where, {"to_rule": [crowd.kim.pk]}).body["to_rule"] == 1
    assert ByHand.objects.get(segment=Segment.objects.get(name="S")).contact_id == crowd.lee.pk


def test_score_rules_are_read_and_changed(program, team):
    mina = program(team.mina)
    before = mina.get("score-rules").body["results"]
    assert len(before) == ScoreRule.objects.count() > 0
    condition = {"property": "path", "operator": "contains", "value": "demo"}
    rule = {"name": "Demo", "kind": "page.viewed", "points": 7, "conditions": [condition]}
    made = mina.post("score-rules", rule).body
    assert (made["points"], made["conditions"], made["version"]) == (7.0, [condition], 1)
    where = f"score-rules/{made['id']}"
    assert mina.patch(where, {"version": 1, "cap_times": 2}).body["version"] == 2
    assert mina.patch(where, {"version": 1, "points": 9}).body["current"]["cap_times"] == 2
    for wrong, path in (
        ({"points": 0}, "points"), ({"kind": "no.such"}, "kind"),
        ({"conditions": [{**condition, "operator": "more_than"}]}, "conditions"),
    ):  # fmt: skip
        refused = mina.patch(where, {"version": 2, **wrong})
        assert (refused.status, paths(refused)) == (400, [path])
    row = ScoreRule.objects.get(pk=made["id"])
    assert (row.points, row.kind, row.cap_times, row.version) == (7.0, "page.viewed", 2, 2)
    assert mina.delete(where).status == 204
    assert mina.get("score-rules").body["results"] == before
    model = mina.get("score-model").body
    assert mina.patch("score-model", {"version": model["version"], "warm_at": 60}).status == 400
    assert mina.patch("score-model", {"version": model["version"], "half_life": 21}).body["half_life"] == 21.0
    assert mina.patch("score-model", {"version": model["version"], "half_life": 7}).body["current"]["half_life"] == 21.0


def test_product_is_changed_by_its_version(program, team):
    mina = program(team.mina)
    cup = mina.post("products", {"key": "cup", "name": "Cup"}).body
    where = f"products/{cup['id']}"
    assert mina.patch(where, {"name": "Mug"}).status == 400
    assert mina.patch(where, {"version": cup["version"], "name": "Mug"}).body["version"] == cup["version"] + 1
    stale = mina.patch(where, {"version": cup["version"], "name": "Bowl"})
    assert (stale.status, stale.body["current"]["name"]) == (409, "Mug")
    assert Product.objects.get().name == "Mug"


def test_template_tells_its_versions(program, crowd, team):
    make_campaign([crowd.kim])
    mina, template = program(team.mina), MailTemplate.objects.get()
    where = f"templates/{template.pk}"
    stored = template.versions.get()
    told = mina.get(f"{where}/versions").body["results"]
    assert [row["number"] for row in told] == [stored.number]
    assert mina.get(f"{where}/versions/{stored.number}").body["content"] == stored.content
    assert mina.get(f"{where}/versions/{stored.number + 1}").status == 404
    assert mina.get(where).body["draft"] == template.draft
