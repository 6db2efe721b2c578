"""Topics by the API: listed in order, read of a person, and recorded with proof."""

from datetime import timedelta

import pytest

from campaigns.campaign.models import Campaign
from contacts.topics.models import Topic, TopicEntry
from crm.kit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics():
    gone = clock.now()
    names = (("Offers", 2, None), ("Events", 1, None), ("Old", 3, gone))
    return {name: Topic.objects.create(name=name, position=n, retired_at=at) for name, n, at in names}


def test_topics_are_listed_in_order(program, team, topics):
    rows = program(team.ana).get("topics").body["results"]
    assert [(row["name"], row["offered"]) for row in rows] == [("Events", True), ("Offers", True), ("Old", False)]


def test_statement_is_recorded_and_the_newest_holds(program, team, crowd, topics):
    rob, where = program(team.rob), f"contacts/{crowd.kim.pk}/topics"
    yesterday = (clock.now() - timedelta(days=1)).isoformat()
    said = {"topic_id": topics["Events"].pk, "wanted": False, "source": "settings", "wording": "Events"}
    first = rob.post(where, said)
    assert (first.status, [row["wanted"] for row in first.body["topics"]]) == (201, [False, True])
    rob.post(where, said | {"wanted": True, "at": yesterday})
    lines = rob.get(where).body["topics"]
    assert [(row["name"], row["wanted"], row["source"]) for row in lines] == [
        ("Events", False, "settings"), ("Offers", True, ""),
    ]  # fmt: skip
    kept = TopicEntry.objects.order_by("pk").values_list("wanted", "source", "wording", "recorded_by")
    assert list(kept) == [(False, "settings", "Events", team.rob.pk), (True, "settings", "Events", team.rob.pk)]


@pytest.mark.parametrize(
    "wrong", [{"topic_id": 999_999}, {"at": "2999-01-01T00:00:00Z"}, {"source": ""}, {"wanted": "no"}]
)
def test_wrong_statement_is_refused_and_nothing_is_kept(program, team, crowd, topics, wrong):
    said = {"topic_id": topics["Events"].pk, "wanted": False, "source": "settings"}
    answer = program(team.mina).post(f"contacts/{crowd.kim.pk}/topics", said | wrong)
    assert (answer.status, TopicEntry.objects.count()) == (400, 0)


def test_campaign_names_its_topic_and_keeps_it(program, team, topics):
    mina = program(team.mina)
    made = mina.post("campaigns", {"name": "News", "topic_id": topics["Events"].pk})
    assert made.body["topic_id"] == topics["Events"].pk
    path = f"campaigns/{made.body['id']}"
    assert mina.patch(path, {"version": 1, "name": "Newer"}).body["topic_id"] == topics["Events"].pk
    assert mina.patch(path, {"version": 2, "topic_id": 999_999}).status == 400
    assert mina.patch(path, {"version": 2, "topic_id": None}).body["topic_id"] is None
    assert Campaign.objects.get().topic is None


def test_campaign_takes_no_topic_that_is_no_longer_offered_and_keeps_one_that_was_retired_since(program, team, topics):
    mina = program(team.mina)
    assert mina.post("campaigns", {"name": "News", "topic_id": topics["Old"].pk}).status == 400
    assert not Campaign.objects.exists()
    path = f"campaigns/{mina.post('campaigns', {'name': 'News', 'topic_id': topics['Events'].pk}).body['id']}"
    Topic.objects.update(retired_at=clock.now())
    assert mina.patch(path, {"version": 1, "topic_id": topics["Offers"].pk}).status == 400
    kept = mina.patch(path, {"version": 1, "name": "Newer", "topic_id": topics["Events"].pk})
    assert (kept.status, kept.body["topic_id"]) == (200, topics["Events"].pk)
