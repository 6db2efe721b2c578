"""The act that records which topic of mails people want or refuse; undone, the opposite is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Gone, Params, Verb
from contacts.consent.record import Proof
from contacts.people.models import Contact
from contacts.topics import said
from contacts.topics.models import Topic, TopicState
from contacts.topics.queries import offered
from crm.team.models import User
from crm.team.permissions import Action


class What(models.TextChoices):
    """What they said."""

    REFUSED = "refused", gettext_lazy("They do not want it")
    WANTED = "wanted", gettext_lazy("They want it")


class TopicForm(ActForm):
    topic = forms.ModelChoiceField(offered(), label=gettext_lazy("Topic"))
    what = forms.ChoiceField(
        label=gettext_lazy("What the people said"), choices=What, initial=What.REFUSED, widget=forms.RadioSelect
    )
    source = forms.CharField(
        label=gettext_lazy("Where"), max_length=80,
        help_text=gettext_lazy("For example: by phone, at the trade fair, signed contract."),
    )  # fmt: skip

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the topic, what was said, and where."""
        wanted = self.cleaned_data["what"] == What.WANTED
        return {"topic": self.cleaned_data["topic"].pk, "wanted": wanted, "source": self.cleaned_data["source"]}


def _found(params: Params) -> Topic:
    row = Topic.objects.filter(pk=params["topic"]).first()
    if row is None:
        raise Gone
    return row


def _record(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    """Record it of those of whom it does not hold already."""
    topic, wanted = _found(params), params["wanted"]
    people = Contact.objects.live().filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    refusing = set(_held(topic, people.values_list("pk", flat=True), wanted=False))
    new = [pk for pk in people.values_list("pk", flat=True) if (pk in refusing) == wanted]
    proof = Proof(params["source"], recorded_by_id=by.pk)
    said.record(new, {topic.pk: wanted}, at=now, proof=proof, now=now)
    return dict.fromkeys(new, not wanted)


def _held(topic: Topic, ids: Any, **word: Any) -> list[int]:
    rows = TopicState.objects.filter(topic=topic, contact__in=list(ids), **word)
    return list(rows.values_list("contact_id", flat=True))


def _undo(params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    """Record the opposite of those of whom this act's word still holds."""
    topic, at = _found(params), {row.contact_id: row.at for row in rows}
    states = TopicState.objects.filter(topic=topic, contact__in=at, wanted=params["wanted"])
    locked = states.select_for_update().order_by("contact_id").values_list("contact_id", "since")
    same = [contact for contact, since in locked if since == at[contact]]
    proof = Proof("undone", basis=params["source"], recorded_by_id=by.pk)
    said.record(same, {topic.pk: not params["wanted"]}, at=now, proof=proof, now=now)
    return same


def _words(params: Params) -> str:
    topic = Topic.objects.filter(pk=params["topic"]).first()
    what = What.WANTED if params["wanted"] else What.REFUSED
    return _("%(field)s: %(value)s") % {"field": topic.label if topic else _("deleted"), "value": what.label}


TOPIC = Verb(
    "topic", Action.CONSENT_RECORD, gettext_lazy("Record a topic"),
    gettext_lazy(
        "What these people said about a topic of mails is kept with its proof. Of whom it holds already stays as is; "
        "who has not agreed to marketing gets no advertising either way."
    ),
    "mail-heart", TopicForm, _record, _words, _undo,
)  # fmt: skip
