"""What a live journey refers to is deleted under it: its people wait there, the step says why, nobody is lost."""

import pytest
from django.urls import reverse

from campaigns.templating.models import MailTemplate
from contacts.attributes.models import Attribute, AttributeType
from contacts.lists.models import ContactTag, Tag
from contacts.models import Contact
from journeys.engine import entering
from journeys.engine.running import LOOK_AGAIN
from journeys.journey.models import Journey, JourneyStep
from journeys.journey.publishing import publish
from tests.campaigns.conftest import make_sender, make_template
from tests.contacts.conftest import team  # noqa: F401
from tests.journeys.living import graph, live, notes, run, step, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]


def start(now, what, person):
    journey = live(drawing(what), now=now)
    entering.request(journey.pk, [person.pk], now=now)
    return journey


def drawing(what):
    return graph(what, step("end", "end"))


def test_a_deleted_tag_holds_its_people_until_another_is_published(now, ann):
    tag = Tag.objects.create(name="VIP")
    start(now, step("tag", "tag", what="add", tag=tag.pk), ann)
    tag.delete()
    run(now)
    assert ways(ann) == ["at tag"]
    held = JourneyStep.objects.get(key="tag")
    assert held.problem == "Tag: What was chosen here is not there any more. Choose another."
    other = Tag.objects.create(name="Best")
    Journey.objects.update(draft=drawing(step("tag", "tag", what="add", tag=other.pk)).stored(), version=2)
    publish(held.version.journey_id, by=None, now=now, version=2, moves={held.pk: "tag"})
    run(now + LOOK_AGAIN)
    assert ways(ann) == ["tag>next end>next: completed"]
    assert list(ContactTag.objects.values_list("contact_id", "tag")) == [(ann.pk, other.pk)]


def test_a_deleted_attribute_holds_its_people_and_writes_nothing(now, ann):
    seats = Attribute.objects.create(key="seats", label="Seats", type=AttributeType.NUMBER)
    start(now, step("write", "set_attribute", attribute=seats.pk, what="write", value="3"), ann)
    seats.delete()
    run(now)
    assert ways(ann) == ["at write"]
    held = JourneyStep.objects.get(key="write")
    assert held.problem == "Attribute: What was chosen here is not there any more. Choose another."
    assert Contact.objects.get(pk=ann.pk).attributes == {}


def test_the_template_of_a_published_step_cannot_be_deleted(now, ann, client, team):  # noqa: F811
    template, sender = make_template(), make_sender()
    mail = {"template": template.pk, "sender": sender.pk, "when_capped": "skip", "left_out": "on"}
    start(now, step("mail", "send_email", **mail), ann)
    client.force_login(team.alice)
    page = reverse("admin:campaigns_mailtemplate_delete", args=[template.pk])
    assert client.get(page).status_code == 403
    assert client.post(page, {"post": "yes"}).status_code == 403
    assert MailTemplate.objects.filter(pk=template.pk).exists()
    run(now)
    assert ways(ann) == ["mail>next end>next: completed"]


def test_a_journey_of_two_hundred_steps_is_run_through(now, ann, bob):
    drawn = graph(*(step(f"note{number}", "t_note") for number in range(200)))
    entering.request(live(drawn, now=now).pk, [ann.pk, bob.pk], now=now)
    run(now)
    through = " ".join(f"note{number}>next" for number in range(200)) + ": completed"
    assert (ways(ann), ways(bob)) == ([through], [through])
    assert sorted(notes().split()) == sorted([f"note{number}" for number in range(200)] * 2)
