"""Topics of marketing mail, and which of them a person wants."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.consent.record import Proof
from contacts.topics import said
from contacts.topics.models import Topic
from contacts.topics.queries import TopicLine, topic_lines
from crm.api.contact_parts import WHERE
from crm.api.contacts import found
from crm.api.fields import Body, Id, Moment, Text, Yes
from crm.api.problems import invalid
from crm.api.route import Asked, Door, Listing
from crm.kit.paging import keyset_page
from crm.team.api_tokens import TokenScope
from crm.team.permissions import Action

DOOR = Door("Topics", TokenScope.CONTACTS_READ, TokenScope.CONTACTS_WRITE)
_TEXTS = ("name", "name_ko", "description", "description_ko")


class TopicShown(Body):
    """A topic; one that is not offered any more cannot be chosen for new mails."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    name_ko = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    description_ko = serializers.CharField(allow_blank=True)
    offered = serializers.BooleanField()


@DOOR.get("topics", Action.CONTACT_VIEW, _("List the topics of mails"), gives=TopicShown, pages=True)
def list_topics(asked: Asked) -> Listing:
    """Return topics in the order in which people see them."""
    page = keyset_page(Topic.objects.all(), ("position", "id"), cursor=asked.cursor, size=asked.size)
    return Listing.of(page, _topic)


def _topic(row: Topic) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in _TEXTS}, "offered": row.is_offered}


class WishShown(Body):
    """One topic and one person; `said_at` is null while she never spoke of it: then she wants it."""

    topic_id = serializers.IntegerField()
    name = serializers.CharField()
    wanted = serializers.BooleanField()
    said_at = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField(allow_blank=True)


class WishesShown(Body):
    topics = WishShown(many=True)


@DOOR.get(
    f"{WHERE}/topics", Action.CONTACT_VIEW, _("Read which topics a person wants"), gives=WishesShown,
    text=_("A topic narrows the consent to marketing and never stands for it."),
)  # fmt: skip
def read_topics(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Return a line for each topic that is offered, and for each other that she spoke of."""
    return _wishes(asked, contact_id)


def _wishes(asked: Asked, contact_id: int) -> dict[str, Any]:
    return {"topics": [_wish(line) for line in topic_lines(found(asked.user, contact_id))]}


def _wish(line: TopicLine) -> dict[str, Any]:
    state = line.state
    about = {"topic_id": line.topic.pk, "name": line.topic.name, "wanted": line.is_wanted}
    return about | {"said_at": state.since if state else None, "source": state.entry.source if state else ""}


class WishIn(Body):
    """What a person said of one topic, with its proof."""

    topic_id = Id()
    wanted = Yes()
    at = Moment(required=False, help_text=_("When it was said; now unless given."))
    source = Text(max_length=80, allow_blank=False, help_text=_("Where: a form, by phone, a contract."))
    wording = Text(max_length=4000, required=False, help_text=_("The words that were read."))


@DOOR.post(
    f"{WHERE}/topics", Action.CONSENT_RECORD, _("Record that a person wants or refuses a topic"), takes=WishIn,
    gives=WishesShown, status=201, example={"topic_id": 1, "wanted": False, "source": "account settings"},
    text=_("Kept for good as proof. The newest statement holds; of two at one moment the refusal."),
)  # fmt: skip
def record_topic(asked: Asked, contact_id: int) -> dict[str, Any]:
    """Keep what the person said."""
    contact, body = found(asked.user, contact_id), asked.body
    topic = Topic.objects.filter(pk=body["topic_id"]).first()
    if topic is None:
        raise invalid("topic_id", str(_("There is no row %(number)d.")) % {"number": body["topic_id"]})
    at = body.get("at") or asked.now
    if at > asked.now:
        raise invalid("at", str(_("This is in the future.")))
    proof = Proof(source=body["source"], wording=body.get("wording", ""), recorded_by_id=asked.user.pk)
    said.record([contact.pk], {topic.pk: body["wanted"]}, at=at, proof=proof, now=asked.now)
    return _wishes(asked, contact_id)
