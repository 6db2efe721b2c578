"""Call a web address of another system: written as a row with the step, made and repeated by a worker."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql
from contacts.segments.rules.words import filled
from crm.kit.outgoing import CallFailed, read_url
from journeys.calls.signing import secret_of
from journeys.calls.tasks import wake_calls
from journeys.engine.batch import Batch
from journeys.steps.kind import NEXT, Cleaned, Outlet, Shelf, StepForm, StepKind

FAILED = Outlet("failed", _("it failed"))
# What may be told of the person, beside her number: the setting, the words, the column of `c`.
_TELLABLE = {
    "email": (_("E-mail"), "c.email"),
    "name": (_("Name"), "c.name"),
    "phone": (_("Phone"), "c.phone"),
    "company": (_("Company"), "c.company"),
    "language": (_("Language"), "c.language"),
    "city": (_("City"), "c.city"),
    "attributes": (_("Attributes"), "c.attributes"),
}
_WRITE = """
INSERT INTO journeys_call (enrolment_id, visit, contact_id, url, body, made_at, state, due_at, fence, attempts,
    last_error)
SELECT b.id, b.visit, b.contact_id, %s, jsonb_build_object(
        'type', 'journey.step', 'timestamp', %s::text, 'data', jsonb_build_object(
            'journey', %s::bigint, 'step', %s::text, 'key', b.key, 'facts', e.facts,
            'contact', jsonb_build_object('id', c.id) || {told})),
    %s, 'ready', %s, 0, 0, ''
FROM {rows} b JOIN contacts_contact c ON c.id = b.contact_id
LEFT JOIN journeys_enrolment e ON e.id = b.id
ORDER BY b.id ON CONFLICT (enrolment_id, visit) DO NOTHING
"""
# A call that is over wakes her; the minute makes up for a wake-up that was lost.
_ANSWERED = """
SELECT b.id, CASE WHEN k.state = 'done' THEN 'next' WHEN k.state IN ('ready', 'leased') THEN NULL ELSE 'failed' END,
       CASE WHEN k.state IN ('ready', 'leased') THEN b.at + interval '1 minute' END,
       CASE WHEN k.id IS NOT NULL THEN jsonb_build_object('call', k.id, 'status', k.status) END
FROM {rows} b LEFT JOIN journeys_call k ON k.enrolment_id = b.id AND k.visit = b.visit
"""
_MADE = """
SELECT b.id, 'next', NULL::timestamptz, CASE WHEN k.id IS NOT NULL THEN jsonb_build_object('call', k.id) END
FROM {rows} b LEFT JOIN journeys_call k ON k.enrolment_id = b.id AND k.visit = b.visit
"""
_REHEARSED = "SELECT b.id, 'next', NULL::timestamptz, NULL::jsonb FROM {rows} b"


class WebhookForm(StepForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=2_000,
        widget=forms.URLInput({"placeholder": "https://example.com/hook"}),
        help_text=_("It gets JSON by POST, signed as Standard Webhooks says; up to ten times if it fails."),
    )
    tell = forms.MultipleChoiceField(
        label=_("What it is told of the person"),
        choices=[(key, words) for key, (words, _column) in _TELLABLE.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Always the number of the contact; no more than is needed."),
    )
    answer = forms.BooleanField(label=_("Wait for the answer"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show the secret of the address that is filled in."""
        super().__init__(*args, **options)
        try:
            secret = secret_of(str(self.data.get("url") or ""))
        except CallFailed:
            return
        self.fields["url"].help_text = _("%(help)s Secret of this host: %(secret)s") % {
            "help": self.fields["url"].help_text, "secret": secret,
        }  # fmt: skip

    def clean_url(self) -> str:
        """Refuse what can be told to be no address; where it leads is looked at with each call."""
        url = str(self.cleaned_data["url"])
        try:
            read_url(url)
        except CallFailed as error:
            raise ValidationError(str(error)) from error
        return url


class WebhookStep(StepKind):
    key = "webhook"
    label = _("Call a webhook")
    icon = "webhook"
    shelf = Shelf.OTHER
    form = WebhookForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return also the way of those whose call failed for good, where the answer is waited for."""
        return (NEXT, FAILED) if cleaned.get("answer") else (NEXT,)

    def act(self, batch: Batch) -> None:
        """Write one call for each; who is looked at again has hers already."""
        pairs = ", ".join(f"'{key}', {_TELLABLE[key][1]}" for key in batch.cleaned["tell"])
        sql = _WRITE.format(rows=batch.rows, told=f"jsonb_build_object({pairs})")
        now, place = batch.now, batch.place
        params = [batch.cleaned["url"], now.isoformat(), place.journey_id, place.key, now, now]
        batch.cursor.execute(sql, params)
        if batch.cursor.rowcount:
            wake_calls()

    def outcome(self, batch: Batch) -> Sql:
        """Return who goes on; with `answer` those whose call is over."""
        if batch.rehearsing:
            return Sql(_REHEARSED.format(rows=batch.rows))
        return Sql((_ANSWERED if batch.cleaned["answer"] else _MADE).format(rows=batch.rows))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Call %(host)s"), host=read_url(cleaned["url"]).host)


WEBHOOK = WebhookStep()
