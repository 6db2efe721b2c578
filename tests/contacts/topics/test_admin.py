"""Topics in the admin: marketers name, order and retire them; nobody deletes one."""

import pytest
from django.urls import reverse

from contacts.people.models import Contact
from contacts.topics.models import Topic, TopicState
from crm.team.models import TrailEntry

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:contacts_topic_changelist"), reverse("admin:contacts_topic_add")


def typed(**changes):
    return {"name": "Events", "name_ko": "행사", "description": "", "description_ko": "", "position": "1"} | changes


def row():
    return Topic.objects.values_list("name", "name_ko", "position", "retired_at").get()


def test_marketer_makes_retires_and_offers_again_and_the_trail_says_so(as_, team):
    client = as_(team.mina)
    client.post(ADD, typed(name=" Events  of ours", is_offered="on"))
    topic = Topic.objects.get()
    page = reverse("admin:contacts_topic_change", args=[topic.pk])
    assert row() == ("Events of ours", "행사", 1, None)

    client.post(page, typed())
    retired_at = row()[3]
    assert retired_at is not None
    client.post(page, typed(name="Fairs"))
    assert row() == ("Fairs", "행사", 1, retired_at)
    client.post(page, typed(name="Fairs", is_offered="on"))
    assert row() == ("Fairs", "행사", 1, None)
    told = TrailEntry.objects.filter(kind="topic", object_id=topic.pk).order_by("pk")
    verbs = ["added", "changed", "changed", "changed"]
    assert [(entry.by_id, entry.verb) for entry in told] == [(team.mina.pk, verb) for verb in verbs]


@pytest.mark.parametrize("changes", [{"name": "events"}, {"name": ""}, {"name": "a\nb\x00"}, {"position": "-1"}])
def test_wrong_topic_is_refused_and_nothing_changes(as_, team, changes):
    Topic.objects.create(name="Events", name_ko="행사", position=4)
    answer = as_(team.mina).post(ADD, typed(**changes))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert row() == ("Events", "행사", 4, None)


def test_list_is_in_order_and_says_how_many_refuse(as_, team):
    late, early = (Topic.objects.create(name=name, position=place) for name, place in (("Late", 2), ("Early", 1)))
    for number, wanted in enumerate((False, False, True)):
        person = Contact.objects.create(name=f"P{number}")
        TopicState.objects.create(contact=person, topic=early, wanted=wanted, since="2026-11-21T12:00Z", entry_id=0)
    shown = as_(team.mina).get(LIST)
    rows = [(topic.name, topic.refusals) for topic in shown.context["cl"].result_list]
    assert rows == [(early.name, 2), (late.name, 0)]


@pytest.mark.parametrize("who", ["rob", "cleo", "ana"])
def test_others_neither_see_nor_change_topics(as_, team, who):
    topic = Topic.objects.create(name="Events")
    client = as_(getattr(team, who))
    page = reverse("admin:contacts_topic_change", args=[topic.pk])
    assert {client.get(url).status_code for url in (LIST, ADD, page)} <= {302, 403}
    assert client.post(page, typed(name="Mine")).status_code in (302, 403)
    assert [topic.name for topic in Topic.objects.all()] == ["Events"]


def test_nobody_deletes_a_topic(as_, team):
    topic = Topic.objects.create(name="Events")
    delete = reverse("admin:contacts_topic_delete", args=[topic.pk])
    assert as_(team.alice).post(delete, {"post": "yes"}).status_code == 403
    as_(team.alice).post(LIST, {"action": "delete_selected", "_selected_action": [topic.pk], "post": "yes"})
    assert Topic.objects.filter(pk=topic.pk).exists()
