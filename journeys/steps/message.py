"""Send a short message by another way than mail: SMS, KakaoTalk, push. Consent per way, never at night."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.consent.minors import UNGUARDED, turned_at
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.channels.channel import CHANNELS, Channel
from journeys.engine.batch import Batch
from journeys.errors import Problem, StepBroken
from journeys.graph.graph import Graph, Step
from journeys.steps.kind import NEXT, Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.local_time import existing, next_time
from journeys.steps.send_email import NOT_SENT, LeftOutGo

MORNING, EVENING = time(8), time(21)
# The law's mark stands before all that is advertising, put there by the sender, never by the author.
_MARK = "(광고) "
_JUDGE = """
UPDATE {rows} b SET facts = CASE
    WHEN j.id IS NULL THEN '{{"left_out": "erased"}}'
    WHEN j.reason <> '' THEN jsonb_build_object('left_out', j.reason)
    WHEN j.sleeps THEN '{{"waits": "night"}}'
    ELSE jsonb_build_object('to', j.address, 'text', j.text) END
FROM {rows} o LEFT JOIN (
    SELECT c.id, {address} AS address,
        CASE WHEN {address} IS NULL THEN 'no_address'
             WHEN k.decision = 'withdrawn' THEN 'withdrawn'
             WHEN k.decision IS DISTINCT FROM 'granted' THEN 'no_consent'
             WHEN {unguarded} THEN 'no_guardian' ELSE '' END AS reason,
        n.decision IS DISTINCT FROM 'granted'
            AND NOT ((%(now)s AT TIME ZONE z.name)::time >= %(morning)s
                AND (%(now)s AT TIME ZONE z.name)::time < %(evening)s) AS sleeps,
        %(mark)s || replace(%(text)s, '{{name}}', c.name) AS text
    FROM contacts_contact c
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.time_zone = ANY(%(zones)s::text[]) THEN c.time_zone ELSE %(zone)s END AS name
    ) z
    LEFT JOIN contacts_consentstate k ON k.contact_id = c.id AND k.purpose = 'marketing' AND k.channel = %(way)s
    LEFT JOIN contacts_consentstate n ON n.contact_id = c.id AND n.purpose = 'night' AND n.channel = %(way)s
    WHERE c.merged_into_id IS NULL AND c.id IN (SELECT contact_id FROM {rows})
) j ON j.id = o.contact_id
WHERE o.id = b.id
"""
# The text is personal: the trace keeps only that it was sent, or why not.
_OUTCOME = """
SELECT b.id,
       CASE WHEN b.facts ? 'waits' THEN NULL WHEN {own_way} AND b.facts ? 'left_out' THEN 'not_sent' ELSE 'next' END,
       CASE WHEN b.facts ? 'waits' THEN {morning} END, b.facts - 'to' - 'text'
FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
"""


class MessageForm(StepForm):
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=lambda: [(channel.key, channel.label) for channel in CHANNELS],
        initial=lambda: next(iter(CHANNELS)).key,
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=1_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("{name} is the name. (광고) is put before it by itself; say how to refuse free of charge."),
    )
    left_out = forms.ChoiceField(
        label=_("People who get none"),
        choices=LeftOutGo,
        initial=LeftOutGo.ON,
        widget=forms.RadioSelect,
        help_text=_("Without consent for this way, or without an address for it."),
    )


class MessageStep(StepKind):
    key = "message"
    label = _("Send a short message")
    icon = "message"
    shelf = Shelf.MESSAGE
    form = MessageForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return also the way of those who get none, where they have one of their own."""
        return (NEXT, NOT_SENT) if cleaned.get("left_out") == LeftOutGo.OWN else (NEXT,)

    def problems(self, step: Step, graph: Graph, cleaned: Cleaned) -> Sequence[Problem]:
        """Return that nothing carries this way here."""
        del graph
        channel = CHANNELS[cleaned["channel"]]
        return () if _ready(channel) else [Problem("no_carrier", _not_ready(channel), step.key, "channel")]

    def act(self, batch: Batch) -> None:
        """Judge everybody, and hand over the messages of those who may get one now."""
        channel = CHANNELS[batch.cleaned["channel"]]
        if not _ready(channel):
            raise StepBroken(_not_ready(channel))
        sql = _JUDGE.format(rows=batch.rows, address=channel.address, unguarded=UNGUARDED)
        batch.cursor.execute(sql, _params(batch, channel))
        channel.carrier.take(batch.cursor, channel.key, batch.rows, batch.now)

    def outcome(self, batch: Batch) -> Sql:
        """Return who goes on, and who waits for the morning."""
        own_way = Sql("true" if batch.cleaned["left_out"] == LeftOutGo.OWN else "false")
        morning = next_time(Sql("b.at"), MORNING, (), batch.moment)
        return compose(_OUTCOME, own_way=own_way, morning=morning, rows=Sql(batch.rows))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        way = str(CHANNELS[cleaned["channel"]].label)
        return filled(gettext("Send by %(way)s: %(text)s"), way=way, text=cleaned["text"][:80])


def _params(batch: Batch, channel: Channel) -> dict[str, Any]:
    return {
        "now": batch.now, "way": channel.key, "text": batch.cleaned["text"], "mark": _MARK, "morning": MORNING,
        "evening": EVENING, "zones": existing(batch.moment.zones), "zone": batch.moment.zone.key,
        "fourteen": turned_at(batch.now),
    }  # fmt: skip


def _ready(channel: Channel) -> bool:
    return channel.carrier.is_ready(channel.key)


def _not_ready(channel: Channel) -> str:
    text = gettext("Nothing carries %(way)s here yet. An admin names the provider's address in CHANNEL_WEBHOOKS.")
    return filled(text, way=str(channel.label))


MESSAGE = MessageStep()
