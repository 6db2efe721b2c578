"""Acts about who may be written to: what people said about consent, and leaving addresses out of all sending."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.acts.verb import ActForm, Done, Params, Verb, at_once
from contacts.consent import exclusion
from contacts.consent.models import Channel, Decision, Purpose
from contacts.consent.record import Proof, record_many
from contacts.errors import Invalid
from contacts.people.forms import ConsentForm
from crm.kit import clock
from crm.team.models import User
from crm.team.permissions import Action


class ManyConsentForm(ActForm, ConsentForm):
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=200, required=False,
        help_text=gettext_lazy("Where the proof lies, for example: binder 12, sheet of the trade fair."),
    )  # fmt: skip

    def clean_at(self) -> datetime:
        """Refuse a time that is still to come."""
        at: datetime = self.cleaned_data["at"]
        if at > clock.now():
            raise forms.ValidationError(_("This is in the future."))
        return at

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return what was said, and its proof."""
        names = ("purpose", "channel", "decision", "source", "wording", "note")
        return {name: self.cleaned_data[name] for name in names} | {"at": self.cleaned_data["at"].isoformat()}


class ExcludeForm(ActForm):
    why = forms.CharField(label=gettext_lazy("Why?"), max_length=300)

    def clean_why(self) -> str:
        """Ask for a reason in a few words."""
        try:
            return exclusion.reason_of(self.cleaned_data["why"])
        except Invalid as error:
            raise forms.ValidationError(str(error)) from error

    def params(self, by: User, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Return the reason."""
        return {"why": self.cleaned_data["why"]}


def _consent(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    proof = Proof(params["source"], basis=params["note"], wording=params["wording"], recorded_by_id=by.pk)
    said = (params["purpose"], params["channel"], params["decision"])
    at = parse_datetime(params["at"]) or now
    record_many(ids, *said, at=at, proof=proof, now=now)
    return dict.fromkeys(ids, True)


def _consent_words(params: Params) -> str:
    what = (Purpose(params["purpose"]).label, Channel(params["channel"]).label, Decision(params["decision"]).label)
    return "{}, {}: {}".format(*what)


def _exclude(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    return dict.fromkeys(exclusion.exclude_many(ids, params["why"], by=by, now=now), False)


def _readmit(_params: Params, rows: Sequence[Done], by: User, now: datetime) -> list[int]:
    return [
        pk for at, ids in at_once(rows).items() for pk in exclusion.readmit_many(ids, excluded_at=at, by=by, now=now)
    ]


def _why(params: Params) -> str:
    return str(params["why"])


CONSENT = Verb(
    "consent", Action.CONSENT_RECORD, gettext_lazy("Record consent"),
    gettext_lazy(
        "This statement is kept with its proof for each of these people, as if each were recorded alone. A later "
        "statement of a person holds against it."
    ),
    "checks", ManyConsentForm, _consent, _consent_words,
    why_kept=gettext_lazy(
        "A statement is proof and stays: this act cannot be undone. To correct it, record what holds."
    ),
)  # fmt: skip
EXCLUDE = Verb(
    "exclude", Action.CONTACT_EDIT, gettext_lazy("Exclude from sending"),
    gettext_lazy(
        "The addresses of these people get no mails any more, whatever they agreed to. Who has no address stays as is."
    ),
    "mail-off", ExcludeForm, _exclude, _why, _readmit,
)  # fmt: skip
