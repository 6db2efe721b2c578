"""The topics of one person, on her page: what holds, with its proof, and changed by who may record consent."""

import pytest
from django.urls import reverse

from contacts.ledger.models import Event
from contacts.topics.models import Topic, TopicEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics():
    names = (("Events", None), ("Offers", None), ("Old", "2026-11-01T00:00Z"))
    return [Topic.objects.create(name=name, position=n, retired_at=gone) for n, (name, gone) in enumerate(names)]


def post(client, person, **fields):
    return client.post(reverse("contacts:person-topics", args=[person.pk]), fields)


def test_choice_is_kept_with_who_and_where(as_, team, crowd, topics):
    answer = post(as_(team.rob), crowd.kim, topic=[topics[1].pk], source="by phone")
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{crowd.kim.pk}/#consent")
    entry = TopicEntry.objects.get()
    kept = (entry.topic, entry.wanted, entry.source, entry.recorded_by, entry.contact)
    assert kept == (topics[0], False, "by phone", team.rob, crowd.kim)

    shown = as_(team.rob).get(reverse("contacts:person", args=[crowd.kim.pk]))
    lines = [(line.topic.name, line.is_wanted, len(line.entries)) for line in shown.context["topic_lines"]]
    assert lines == [("Events", False, 1), ("Offers", True, 0)]
    assert "by phone" in shown.content.decode()
    assert "Wants no mails about Events" in shown.content.decode()

    post(as_(team.rob), crowd.kim, topic=[topics[1].pk], source="again")
    assert TopicEntry.objects.count() == 1


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
