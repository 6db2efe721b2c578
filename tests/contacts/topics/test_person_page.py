"""The topics of one person, on her page: what holds, with its proof, and changed by who may record consent."""

import re

import pytest
from django.urls import reverse

from contacts.consent.record import Proof
from contacts.ledger.models import Event
from contacts.topics import said
from contacts.topics.models import Topic, TopicEntry
from crm.kit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics():
    names = (("Events", None), ("Offers", None), ("Old", "2026-11-01T00:00Z"))
    return [Topic.objects.create(name=name, position=n, retired_at=gone) for n, (name, gone) in enumerate(names)]


def post(client, person, **fields):
    return client.post(reverse("contacts:person-topics", args=[person.pk]), fields)


def on_page(client, person):
    """Return the fields of the form as the page shows them."""
    page = client.get(reverse("contacts:person", args=[person.pk])).content.decode()
    found = {name: re.findall(rf'name="{name}" value="(\d+)"', page) for name in ("topic_shown", "topic_refused")}
    return found | {"topic": re.findall(r'name="topic" value="(\d+)" checked', page)}


def refuse(person, topic):
    now = clock.now()
    said.record([person.pk], {topic.pk: False}, at=now, proof=Proof(source="preference page"), now=now)


def words():
    return list(TopicEntry.objects.order_by("pk").values_list("topic__name", "wanted", "source"))


def test_choice_is_kept_with_who_and_where(as_, team, crowd, topics):
    shown = on_page(as_(team.rob), crowd.kim)
    both = [str(topic.pk) for topic in topics[:2]]
    assert shown == {"topic_shown": both, "topic_refused": [], "topic": both}
    answer = post(as_(team.rob), crowd.kim, **shown | {"topic": [topics[1].pk]}, source="by phone")
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{crowd.kim.pk}/#consent")
    entry = TopicEntry.objects.get()
    kept = (entry.topic, entry.wanted, entry.source, entry.recorded_by, entry.contact)
    assert kept == (topics[0], False, "by phone", team.rob, crowd.kim)

    shown = as_(team.rob).get(reverse("contacts:person", args=[crowd.kim.pk]))
    lines = [(line.topic.name, line.is_wanted, len(line.entries)) for line in shown.context["topic_lines"]]
    assert lines == [("Events", False, 1), ("Offers", True, 0)]
    assert "by phone" in shown.content.decode()
    assert "Wants no mails about Events" in shown.content.decode()

    post(as_(team.rob), crowd.kim, **on_page(as_(team.rob), crowd.kim), source="again")
    assert TopicEntry.objects.count() == 1


def test_page_that_lay_open_overrules_nothing_that_the_person_said_meanwhile(as_, team, crowd, topics):
    rob = as_(team.rob)
    open_since = on_page(rob, crowd.kim)
    refuse(crowd.kim, topics[0])

    post(rob, crowd.kim, **open_since | {"topic": [topics[0].pk]}, source="by phone")

    assert words() == [("Events", False, "preference page"), ("Offers", False, "by phone")]
    fresh = on_page(rob, crowd.kim)
    assert (fresh["topic_refused"], fresh["topic"]) == ([str(topic.pk) for topic in topics[:2]], [])
    post(rob, crowd.kim, **fresh | {"topic": [topics[0].pk]}, source="at the fair")
    assert words()[2:] == [("Events", True, "at the fair")]


def test_refusal_of_a_topic_no_longer_offered_can_be_taken_back(as_, team, crowd, topics):
    rob = as_(team.rob)
    refuse(crowd.kim, topics[2])
    shown = on_page(rob, crowd.kim)
    assert shown["topic_refused"] == [str(topics[2].pk)]
    for _again in range(2):
        post(rob, crowd.kim, **shown | {"topic": shown["topic_shown"]}, source="by phone")
    assert words() == [("Old", False, "preference page"), ("Old", True, "by phone")]
    assert on_page(rob, crowd.kim)["topic_shown"] == [str(topic.pk) for topic in topics[:2]]


def test_without_a_source_nothing_is_kept_and_the_form_stays(as_, team, crowd, topics):
    answer = post(as_(team.mina), crowd.kim, topic=["x", "9" * 30], source=" ")
    assert answer.status_code == 400
    assert "<details open>" in answer.content.decode()
    assert (TopicEntry.objects.count(), Event.objects.filter(kind__key="topic.refused").count()) == (0, 0)


def test_analyst_sees_them_and_changes_nothing(as_, team, crowd, topics):
    page = as_(team.ana).get(reverse("contacts:person", args=[crowd.kim.pk])).content.decode()
    assert ("Events" in page, "person-topics" in page or "/topics/" in page) == (True, False)
    assert post(as_(team.ana), crowd.kim, source="by phone").status_code == 403
    assert TopicEntry.objects.count() == 0
