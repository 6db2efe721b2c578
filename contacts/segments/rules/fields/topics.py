"""Which topics of mails a person refuses, and which may be sent to her at this moment."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup, Suggestion
from contacts.segments.rules.fields.sources import Rows
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.value_type import Type
from contacts.topics.models import Topic
from crm.team.models import User

_SAID = ("topic.wanted", "topic.refused")
# Whoever agreed to marketing wants every topic that she did not refuse.
_WANTED = """(
    SELECT k.contact_id, o.id AS topic_id FROM contacts_consentstate k CROSS JOIN contacts_topic o
    WHERE k.purpose = 'marketing' AND k.channel = 'email' AND k.decision = 'granted' AND NOT EXISTS (
        SELECT FROM contacts_topicstate r WHERE r.contact_id = k.contact_id AND r.topic_id = o.id AND NOT r.wanted)
)"""


class _Topics:
    """All topics, in their order; found by the words of the reader's language."""

    closed = True

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the words of those of `values` that exist."""
        numbers = [value for value in values if isinstance(value, int)]
        return {row.pk: row.label for row in Topic.objects.filter(pk__in=numbers)}

    def search(self, typed: str, user: User) -> list[Suggestion]:
        """Return what fits; not counted."""
        words: Any = {row.pk: row.label for row in Topic.objects.all()}
        return Named(words).search(typed, user)


_REFUSES = Rows("contacts_topicstate", Expression(Sql("t.topic_id")), Sql("NOT t.wanted"))
_WANTS = Rows(_WANTED, Expression(Sql("t.topic_id")))
# A new topic is wanted by all who agreed, and nobody is told: so nothing may ask how many somebody wants.
_NAMED = ("has_any_of", "has_all_of", "has_none_of")
TOPIC_FIELDS = (
    Field("topics_refused", _("topics refused"), FieldGroup.CONSENT, Type.MANY, _REFUSES, _SAID, _Topics()),
    Field(
        "topics_wanted",
        _("topics wanted (agreed to marketing, not refused)"),
        FieldGroup.CONSENT,
        Type.MANY,
        _WANTS,
        (*_SAID, "consent.granted", "consent.withdrawn"),
        _Topics(),
        _NAMED,
    ),
)
