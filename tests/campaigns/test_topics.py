"""Mails about a topic: who refused it is left out, at the count, at the freeze and at the claim."""

import pytest

from campaigns.campaign import audience, freeze, launch
from campaigns.campaign.models import Campaign
from campaigns.sending.models import Dispatch, Message
from campaigns.sending.worker import send_now
from campaigns.templating.models import MailKind
from contacts.consent.models import Decision
from contacts.consent.record import Proof
from contacts.ledger.models import Event
from contacts.topics import said
from contacts.topics.models import Topic
from crm.kit import clock
from crm.team.models import Role, User
from tests.campaigns.conftest import NOW, decide, make_campaign, make_list, make_people, make_template

pytestmark = pytest.mark.django_db
PROOF = Proof(source="test")


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("campaigns.campaign.launch.wake_freeze", lambda dispatch_id: None)


@pytest.fixture
def topics():
    return [Topic.objects.create(name=name, position=n) for n, name in enumerate(("Events", "Offers"))]


def refuse(people, topic, *, wanted=False, at=NOW):
    said.record([person.pk for person in people], {topic.pk: wanted}, at=at, proof=PROOF, now=at)


def counts(campaign):
    return {reason: n for reason, n in audience.preview(campaign, NOW).items() if n}


@pytest.fixture
def people(topics):
    """Six: one refused events, one refused offers, one events and marketing, one said nothing, one wants events."""
    people = make_people(6)
    decide(people[:4] + people[5:], Decision.GRANTED)
    decide(people[2:3], Decision.WITHDRAWN)
    refuse([people[0], people[2]], topics[0])
    refuse([people[1]], topics[1])
    refuse([people[5]], topics[0], wanted=True)
    return people


def test_count_people_and_freeze_agree(people, topics):
    campaign = make_campaign(people, topic_id=topics[0].pk)
    expected = {"": {1, 3, 5}, "topic": {0}, "withdrawn": {2}, "no_consent": {4}}
    assert counts(campaign) == {reason: len(places) for reason, places in expected.items()}
    marketer = User.objects.create_user("m@example.com", "x", name="M", role=Role.MARKETER)
    behind = audience.people(campaign, "topic", marketer, NOW)
    assert [person.pk for person in behind] == [people[0].pk]

    dispatch = launch.launch(campaign.pk, by=marketer, now=NOW)
    freeze.freeze(dispatch.pk, lambda: NOW)

    places = {person.pk: place for place, person in enumerate(people)}
    found = {}
    for reason, contact in Message.objects.values_list("left_out", "contact_id"):
        found.setdefault(reason, set()).add(places[contact])
    assert found == expected
    assert Dispatch.objects.get().topic == topics[0]


def test_of_no_topic_everybody_who_agreed_gets_it(people):
    campaign = make_campaign(people)
    assert counts(campaign) == {"": 4, "withdrawn": 1, "no_consent": 1}
    asked = audience.audience_of(campaign, NOW)
    assert "topicstate" not in asked.with_people(ranged=True)


def test_refusal_holds_for_informational_mails_of_the_topic_too(people, topics):
    template = make_template(MailKind.INFORMATIONAL)
    assert counts(make_campaign(people, topic_id=topics[0].pk, template=template)) == {"": 4, "topic": 2}


def test_retired_topic_still_keeps_its_refusals(people, topics):
    Topic.objects.update(retired_at=NOW)
    assert counts(make_campaign(people, topic_id=topics[1].pk))["topic"] == 1


def test_nobody_left_says_why(people, topics):
    campaign = make_campaign([people[0]], topic_id=topics[0].pk)
    assert [problem.code for problem in launch.problems(campaign, NOW)] == ["audience_left_out"]
    assert "does not want this topic: 1" in launch.problems(campaign, NOW)[0].message


def test_refusal_in_mid_campaign_counts_and_the_event_says_why(people, topics, smtp):
    now = clock.now()
    dispatch = launch.launch(make_campaign(people, topic_id=topics[0].pk).pk, by=None, now=now)
    freeze.freeze(dispatch.pk, clock.now)
    refuse([people[3]], topics[0], at=now)
    refuse([people[5]], topics[1], at=now)
    send_now(clock.now)
    assert {taken.recipient for taken in smtp.taken} == {people[1].email, people[5].email}
    [skipped] = Event.objects.filter(kind__key="mail.skipped")
    assert (skipped.contact_id, skipped.properties["reason"]) == (people[3].pk, "topic")


def test_form_offers_what_is_not_retired_and_keeps_a_choice(client, people, topics):
    marketer = User.objects.create_user("m@example.com", "x", name="M", role=Role.MARKETER)
    client.force_login(marketer)
    campaign = make_campaign(people, topic_id=topics[0].pk)
    Topic.objects.filter(pk=topics[1].pk).update(retired_at=NOW)
    page = client.get(f"/campaigns/{campaign.pk}/edit/")
    assert list(page.context["form"].fields["topic"].queryset) == [topics[0]]
    posted = {"name": "Autumn", "doubt": "resend", "version": campaign.version}
    assert client.post(f"/campaigns/{campaign.pk}/edit/", posted | {"topic": topics[1].pk}).status_code == 422
    assert Campaign.objects.get().topic == topics[0]
    assert client.post(f"/campaigns/{campaign.pk}/edit/", posted).status_code == 302
    assert Campaign.objects.get().topic is None
    assert "does not want this topic" not in counted(client, people, "")
    assert "does not want this topic: 1" in counted(client, people, topics[0].pk)


def counted(client, people, topic):
    chosen = make_list(people, name=f"Counted {topic}")
    answer = client.post("/campaigns/audience/", {"include_lists": [chosen.pk], "topic": topic})
    return answer.content.decode()
