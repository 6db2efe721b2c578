"""Send a mail: its people are queued into the step's standing dispatch, with the reasons of those left out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.launch import mail_problems, sender_problems
from campaigns.senders.models import Sender
from campaigns.sending.standing import CannotQueue, Given, queue
from campaigns.templating.models import MailTemplate
from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import filled
from contacts.topics.models import Topic
from contacts.topics.queries import offered
from journeys.engine.batch import Batch
from journeys.errors import Problem, StepBroken
from journeys.graph.graph import Graph, Step
from journeys.steps.kind import NEXT, Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.occasion import SHOWN
from journeys.steps.row_choice import RowChoice, number_of

NOT_SENT = Outlet("not_sent", _("gets no mail"))
# Who waits for the frequency cap is looked at again every hour, until the days are over.
_OUTCOME = """
SELECT b.id,
       CASE WHEN b.facts ? 'waits' THEN NULL
            WHEN {own_way} AND b.facts ? 'left_out' THEN 'not_sent'
            ELSE 'next' END,
       CASE WHEN b.facts ? 'waits' THEN least(b.at + interval '1 hour', b.arrived_at + interval '{days} days') END,
       b.facts
FROM {rows} b
"""
_PATIENT = "b.at < b.arrived_at + interval '{days} days'"


# What `{{ journey.… }}` shows (campaigns/templating/fields.py).
_GIVEN = """
(SELECT jsonb_strip_nulls(jsonb_build_object(
    'name', %(journey_name)s::text, 'step', %(journey_step)s::text, 'entered_at', e.entered_at,
    'facts', {shown}))
FROM journeys_enrolment e WHERE e.id = b.id)
""".replace("{shown}", SHOWN)


class WhenCapped(models.TextChoices):
    """What becomes of who has had enough mails of late."""

    SKIP = "skip", _("Leave this mail out")
    WAIT = "wait", _("Wait until another one is allowed")


class LeftOutGo(models.TextChoices):
    """Where those go who get no mail."""

    ON = "on", _("go on like the others")
    OWN = "own", _("go a way of their own")


class SendEmailForm(StepForm):
    template = RowChoice(MailTemplate.objects.order_by("name"), label=_("Mail template"))
    sender = RowChoice(Sender.objects.order_by("name"), label=_("Sender"))
    topic = RowChoice(
        Topic.objects.all(),
        label=_("Topic"),
        required=False,
        empty_label=_("No topic"),
        help_text=_("Who refused this topic gets no mail."),
    )
    subject = forms.CharField(
        label=_("Subject of its own"), max_length=200, required=False, help_text=_("Empty: the template's own.")
    )
    when_capped = forms.ChoiceField(
        label=_("People over the frequency cap"),
        choices=WhenCapped,
        initial=WhenCapped.SKIP,
        widget=forms.RadioSelect,
        help_text=_("The frequency cap of the sending settings decides, over all campaigns and journeys."),
    )
    wait_days = forms.IntegerField(
        label=_("At most so many days"), min_value=1, max_value=60, initial=3, required=False
    )
    left_out = forms.ChoiceField(
        label=_("People who get no mail"),
        choices=LeftOutGo,
        initial=LeftOutGo.ON,
        widget=forms.RadioSelect,
        help_text=_("Without consent or address, not wanting the topic, excluded, or over the cap."),
    )

    shown_when = {"wait_days": ("when_capped", (WhenCapped.WAIT,))}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A step keeps a topic that was retired since; no other is offered that is.
        chosen = Topic.objects.filter(pk=number_of(self.data.get("topic")) or 0)
        self.fields["topic"].queryset = offered() | chosen  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Ask for the days of a wait."""
        waits = self.cleaned_data.get("when_capped") == WhenCapped.WAIT
        if waits and "wait_days" not in self.errors and not self.cleaned_data.get("wait_days"):
            self.add_error("wait_days", gettext("This is needed here."))


class SendEmailStep(StepKind):
    key = "send_email"
    label = _("Send a mail")
    icon = "mail"
    shelf = Shelf.MESSAGE
    form = SendEmailForm
    uses_mail = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return also the way of those who get no mail, where they have one of their own."""
        return (NEXT, NOT_SENT) if cleaned.get("left_out") == LeftOutGo.OWN else (NEXT,)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Send the mail “%(name)s”"), name=cleaned["template"].name)

    def problems(self, step: Step, graph: Graph, cleaned: Cleaned) -> Sequence[Problem]:
        """Return what stands in the way of sending: as for a campaign."""
        del graph
        version = cleaned["template"].versions.order_by("-number").first()
        return [
            *(Problem(found.code, found.message, step.key, "sender") for found in sender_problems(cleaned["sender"])),
            *(
                Problem(found.code, found.message, step.key, "template")
                for found in mail_problems(version, cleaned["subject"])
            ),
        ]

    def act(self, batch: Batch) -> None:
        """Queue the batch. Raises StepBroken while the dispatch takes nothing, and says why."""
        if batch.place.dispatch_id is None:
            raise StepBroken(gettext("This step has no mail yet. Publish the journey again."))
        days = _days(batch.cleaned)
        patient = _PATIENT.format(days=days) if days else "false"
        try:
            queue(batch.cursor, batch.place.dispatch_id, batch.rows, batch.now, patient=patient, given=_given(batch))
        except CannotQueue as error:
            raise StepBroken(str(error)) from error

    def outcome(self, batch: Batch) -> Sql:
        """Return for each whether she goes on, goes the way without a mail, or waits for the cap."""
        own_way = "true" if batch.cleaned["left_out"] == LeftOutGo.OWN else "false"
        return Sql(_OUTCOME.format(own_way=own_way, days=_days(batch.cleaned), rows=batch.rows))


def _given(batch: Batch) -> Given:
    return Given(_GIVEN, {"journey_name": batch.place.journey_name, "journey_step": batch.place.name})


def _days(cleaned: Cleaned) -> int:
    return int(cleaned["wait_days"]) if cleaned["when_capped"] == WhenCapped.WAIT else 0


SEND_EMAIL = SendEmailStep()
