"""Wait until something happens, at most so long. The earliest wins: an event before the time-out, the time-out else."""

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.ledger.dictionary import kind_ids
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.errors import Problem
from journeys.graph.graph import Graph, Step
from journeys.journey.models import JourneyStep
from journeys.steps.happening import HappeningField
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.local_time import later
from journeys.steps.send_email import SEND_EMAIL
from journeys.steps.span_fields import number_field, span_of, unit_field
from journeys.steps.split import salt_of

HAPPENED = Outlet("happened", _("it happened"))
TIMED_OUT = Outlet("timed_out", _("it did not"))
# Whether a person or a machine opened or clicked may be known only so long after (ledger: classifier).
PATIENCE = timedelta(seconds=30)
_OUTCOME = """
SELECT d.id, CASE WHEN h.id IS NOT NULL THEN 'happened' WHEN d.at >= d.until + %s THEN 'timed_out' END,
       CASE WHEN h.id IS NOT NULL THEN greatest(h.at, d.arrived_at) ELSE d.until + %s END,
       CASE WHEN h.id IS NOT NULL THEN jsonb_build_object('event', h.id) END
FROM (
    SELECT b.id, b.contact_id, b.at, b.arrived_at, {since} AS since, {until} AS until
    FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
) AS d
LEFT JOIN LATERAL ({first}) AS h ON true
"""
# When the mail of hers that was queued last was; a trace of a mail keeps its message.
_LAST_MAIL = """coalesce((
    SELECT max(t.left_at) FROM {traces} t WHERE t.enrolment_id = b.id AND t.facts ? 'message'
), b.entered_at)"""
_WITHIN = "e.contact_id = d.contact_id AND e.occurred_at >= d.since AND e.occurred_at <= least(d.at, d.until)"
_OF_MAIL = """
SELECT e.id, e.occurred_at AS at FROM {traces} t
JOIN event e ON e.contact_id = d.contact_id AND e.kind_id = ANY(%s)
    AND e.occurred_at BETWEEN t.left_at AND least(d.at, d.until)
    AND e.properties ->> 'message' = t.facts ->> 'message'
WHERE t.enrolment_id = d.id AND t.facts ? 'message' {of_step}
  AND NOT EXISTS (SELECT FROM event r WHERE r.kind_id = %s AND r.contact_id = e.contact_id
                  AND r.occurred_at = e.occurred_at AND r.cause = e.id)
ORDER BY 2, 1 LIMIT 1
"""


# A mail of a rehearsal was never sent: so many open or click it as the company's mails usually are, some hours later.
_ASSUMED = """
SELECT d.id, CASE WHEN d.would THEN 'happened' WHEN d.at >= d.until + %s THEN 'timed_out' END,
       CASE WHEN d.would THEN least(d.arrived_at + interval '4 hours', d.until) ELSE d.until + %s END, NULL::jsonb
FROM (
    SELECT b.id, b.at, b.arrived_at, {until} AS until,
           (hashint8extended(b.contact_id, %s) & 9223372036854775807) %% 1000000 < %s * 1000000 AS would
    FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
) AS d
"""


class What(models.TextChoices):
    """What is waited for."""

    OPENED = "opened", _("A mail of this journey is opened")
    CLICKED = "clicked", _("A link in a mail of this journey is clicked")
    EVENT = "event", _("Something else happens")


class Since(models.TextChoices):
    """From when on events count."""

    MAIL = "mail", _("since the last mail of this journey")
    ARRIVED = "arrived", _("since arriving at this step")
    ENTERED = "entered", _("since coming into the journey")


# Who clicks has seen the mail, whether or not her reader showed its pictures.
_KINDS = {What.OPENED: ("mail.opened", "mail.clicked"), What.CLICKED: ("mail.clicked",)}


class WaitEventForm(StepForm):
    what = forms.ChoiceField(label=_("Wait until"), choices=What, initial=What.CLICKED, widget=forms.RadioSelect)
    mail = forms.CharField(
        label=_("Which mail"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"data-steps": SEND_EMAIL.key, "data-none": _("Any mail of this journey")}),
    )
    event = HappeningField(label=_("What happens"), required=False)
    since = forms.ChoiceField(label=_("It counts"), choices=Since, initial=Since.MAIL, required=False)
    n = number_field(_("At most"), initial=3)
    unit = unit_field()
    asked = frozenset({"unit", "event", "since"})
    shown_when = {"mail": ("what", (What.OPENED, What.CLICKED)), "event": ("what", (What.EVENT,))}

    def clean(self) -> None:
        """Ask for what must happen."""
        if self.cleaned_data.get("what") == What.EVENT and not self.errors and not self.cleaned_data.get("event"):
            self.add_error("event", gettext("This is needed here."))


class WaitEventStep(StepKind):
    key = "wait_event"
    label = _("Wait for an activity")
    icon = "bell-ringing"
    shelf = Shelf.TIME
    form = WaitEventForm
    waits = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return the way of those to whom it happened, and that of the others."""
        del cleaned
        return (HAPPENED, TIMED_OUT)

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the event kinds that are waited for."""
        if cleaned["what"] == What.EVENT:
            return frozenset(cleaned["event"].kinds())
        return frozenset(_KINDS[cleaned["what"]])

    def problems(self, step: Step, graph: Graph, cleaned: Cleaned) -> Sequence[Problem]:
        """Return that the mail is no step of the drawing, or that there is no mail at all."""
        if cleaned["what"] == What.EVENT:
            return ()
        mails = {one.key for one in graph.steps if one.kind == SEND_EMAIL.key}
        if cleaned["mail"] and cleaned["mail"] not in mails:
            return [Problem("mail_gone", gettext("The mail it waits for is not in this journey."), step.key, "mail")]
        return [] if mails else [Problem("no_mail", gettext("There is no mail in this journey."), step.key, "mail")]

    def outcome(self, batch: Batch) -> Sql:
        """Return who goes by which way, and until when the others stay."""
        cleaned = batch.cleaned
        span = span_of(cleaned, "n", "unit")
        assert span is not None
        of_mail = cleaned["what"] != What.EVENT
        if of_mail and batch.rehearsing:
            return _assumed(batch, later(Sql("b.arrived_at"), span, batch.moment))
        patience = PATIENCE if of_mail or any(kind.startswith("mail.") for kind in self.kinds(cleaned)) else timedelta()
        return compose(
            _OUTCOME,
            patience,
            patience,
            since=_since(batch),
            until=later(Sql("b.arrived_at"), span, batch.moment),
            first=_of_mail(batch) if of_mail else cleaned["event"].first(Sql(_WITHIN)),
            rows=Sql(batch.rows),
        )

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        span = span_of(cleaned, "n", "unit")
        patterns = {
            What.OPENED: gettext("Wait until the mail is opened, at most %(span)s"),
            What.CLICKED: gettext("Wait for a click in the mail, at most %(span)s"),
            What.EVENT: gettext("Wait at most %(span)s: %(event)s"),
        }
        event = cleaned["event"].said() if cleaned["what"] == What.EVENT else ""
        return filled(patterns[What(cleaned["what"])], span=span.words() if span else "", event=event)


def _assumed(batch: Batch, until: Sql) -> Sql:
    share = batch.share(_KINDS[What(batch.cleaned["what"])])
    return compose(_ASSUMED, PATIENCE, PATIENCE, salt_of(batch.place), share, until=until, rows=Sql(batch.rows))


def _since(batch: Batch) -> Sql:
    if batch.cleaned["since"] == Since.ARRIVED:
        return Sql("b.arrived_at")
    if batch.cleaned["since"] == Since.ENTERED:
        return Sql("b.entered_at")
    return compose(_LAST_MAIL, traces=Sql(batch.traces))


def _of_mail(batch: Batch) -> Sql:
    """Return a SELECT of the first opening or click of her own message of the step, whatever version sent it."""
    numbers = kind_ids([*_KINDS[What(batch.cleaned["what"])], "hit.reclassified"])
    taken_back = numbers.pop("hit.reclassified")
    of_step = Sql("")
    if batch.cleaned["mail"]:
        steps = JourneyStep.objects.filter(version__journey=batch.place.journey_id, key=batch.cleaned["mail"])
        of_step = Sql("AND t.step_id = ANY(%s)", (list(steps.values_list("pk", flat=True)),))
    kinds = sorted(numbers.values())
    return compose(_OF_MAIL, kinds, taken_back, traces=Sql(batch.traces), of_step=of_step)


WAIT_EVENT = WaitEventStep()
