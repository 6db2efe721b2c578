"""Record what people said about consent, with its proof: only where they have said so, such as by a form before."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.consent.models import Channel, Decision, Purpose
from contacts.consent.record import record_set
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind

# By the names of contacts.consent.record.CLAIM_COLUMNS.
_CLAIMS = """
SELECT DISTINCT c.id AS contact_id, %s AS purpose, %s AS channel, %s AS decision, %s::timestamptz AS at,
       'journey' AS source, %s AS basis, %s AS wording, '' AS wording_version, '' AS ip_prefix,
       NULL::timestamptz AS double_opt_in_at, NULL::bigint AS recorded_by_id
FROM {rows} b JOIN contacts_contact c ON c.id = b.contact_id AND c.merged_into_id IS NULL
"""


class ConsentForm(StepForm):
    decision = forms.ChoiceField(
        label=_("What was said"), choices=Decision, initial=Decision.WITHDRAWN, widget=forms.RadioSelect
    )
    purpose = forms.ChoiceField(label=_("About what"), choices=Purpose, initial=Purpose.MARKETING)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel, initial=Channel.EMAIL)
    basis = forms.CharField(
        label=_("How it is proved"),
        max_length=200,
        help_text=_("Where and how people say it, such as: the box on the form “Trade fair”."),
    )
    wording = forms.CharField(
        label=_("The text they agreed to or refused"), widget=forms.Textarea({"rows": 3}), max_length=4_000
    )


class ConsentStep(StepKind):
    key = "consent"
    label = _("Record consent")
    icon = "shield-check"
    shelf = Shelf.PERSON
    form = ConsentForm

    def act(self, batch: Batch) -> None:
        """Keep the statement for everybody, with text and proof."""
        said = batch.cleaned
        params = [said["purpose"], said["channel"], said["decision"], batch.now, said["basis"], said["wording"]]
        record_set(_CLAIMS.format(rows=batch.rows), params, now=batch.now)

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        granted = cleaned["decision"] == Decision.GRANTED
        pattern = gettext("Record: agreed to %(what)s") if granted else gettext("Record: refused %(what)s")
        what = f"{Purpose(cleaned['purpose']).label}, {Channel(cleaned['channel']).label}"
        return filled(pattern, what=what)


CONSENT = ConsentStep()
