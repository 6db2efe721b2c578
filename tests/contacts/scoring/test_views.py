"""The page of rules: by role, adding, changing, refusing."""

import pytest

from contacts.models import ScoreRule
from contacts.scoring.heat import default_model

pytestmark = pytest.mark.django_db
VALID = {
    "name": "Read the guide",
    "kind": "page.viewed",
    "points": "4",
    "cap_times": "2",
    "cap_period": "week",
    "active": "on",
}


@pytest.mark.parametrize(
    ("who", "read", "write"),
    [("alice", 200, 302), ("mina", 200, 302), ("rob", 200, 403), ("cleo", 200, 403), ("ana", 200, 403)],
)
def test_who_may_read_and_write_rules(client, team, who, read, write):
    client.force_login(getattr(team, who))
    rules = ScoreRule.objects.count()
    assert client.get("/settings/scores/").status_code == read
    assert client.post("/settings/scores/add/", VALID).status_code == write
    assert ScoreRule.objects.count() == rules + (write == 302)


def test_a_rule_keeps_its_conditions(client, team):
    client.force_login(team.mina)
    row = {"property_0": "path", "operator_0": "contains", "value_0": "guide", "operator_1": "is"}
    client.post("/settings/scores/add/", VALID | row)
    rule = ScoreRule.objects.get(name="Read the guide")
    assert rule.conditions == [{"property": "path", "operator": "contains", "value": "guide"}]
    page = client.get(f"/settings/scores/{rule.pk}/")
    assert page.context["form"]["value_0"].value() == "guide"
    changed = VALID | row | {"points": "6", "version": rule.version}
    assert client.post(f"/settings/scores/{rule.pk}/", changed).status_code == 302
    assert client.post(f"/settings/scores/{rule.pk}/", changed | {"points": "9"}).status_code == 409
    rule.refresh_from_db()
    assert (rule.points, rule.version) == (6, 2)
    assert client.post(f"/settings/scores/{rule.pk}/delete/").status_code == 302
    assert not ScoreRule.objects.filter(pk=rule.pk).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"points": "0"}, "points"),
        ({"points": "many"}, "points"),
        ({"kind": "no.such"}, "kind"),
        ({"cap_times": "0"}, "cap_times"),
        ({"property_0": "depth", "operator_0": "at_least", "value_0": "deep"}, "value_0"),
        ({"value_0": "guide"}, "property_0"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_field(client, team, wrong, field):
    client.force_login(team.mina)
    rules = default_model().rules.count()
    response = client.post("/settings/scores/add/", VALID | wrong)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert default_model().rules.count() == rules
