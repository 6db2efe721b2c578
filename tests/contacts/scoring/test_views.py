"""The page of rules: by role, adding, changing, refusing; points given by hand."""

from uuid import uuid4

import pytest

from contacts.ledger.follow import catch_up
from contacts.models import Contact, Event, ScoreRule
from contacts.scoring.heat import default_model
from crm.kit import clock

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


def test_points_are_given_by_hand_once_a_form_and_read_on_her_page(team, as_):
    ann = Contact.objects.create(name="Ann")
    page, url = as_(team.mina), f"/people/{ann.pk}/points/"
    form = {"points": "12", "reason": "Came to the fair", "token": page.get(url).context["form"]["token"].value()}
    for _again in range(2):
        assert page.post(url, form)["Location"] == f"/people/{ann.pk}/"
    (event,) = Event.objects.filter(kind__key="points.given")
    assert (event.contact_id, event.value, event.properties) == (
        ann.pk,
        12,
        {"reason": "Came to the fair", "by": team.mina.pk},
    )
    catch_up(clock.now())
    assert "Came to the fair, today" in page.get(f"/people/{ann.pk}/").content.decode()
    assert "Given 12 points: Came to the fair" in page.get(f"/people/{ann.pk}/timeline/").content.decode()


@pytest.mark.parametrize("wrong", [{"points": "0"}, {"points": "1001"}, {"reason": " "}, {"token": "x"}])
def test_wrong_points_are_refused_and_nothing_is_given(team, as_, wrong):
    ann = Contact.objects.create(name="Ann")
    form = {"points": "12", "reason": "Fair", "token": str(uuid4())} | wrong
    answer = as_(team.mina).post(f"/people/{ann.pk}/points/", form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Event.objects.filter(kind__key="points.given").exists()
