"""The act that erases people: range by range they are handed to one erasure, which has one certificate."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.acts.verb import ActForm, Gone, Onward, Params, Verb
from contacts.errors import Invalid
from contacts.people.models import ContactQuerySet
from contacts.privacy import erasure, running
from contacts.privacy.models import Erasure, Reason
from crm.kit import figures
from crm.team.api_tokens import TokenScope
from crm.team.models import User
from crm.team.permissions import Action

LOOKED_AT = 2_000  # people whose names a proof is compared with while somebody is there to mend it
AHEAD = 200  # records that may wait for the erasure before more people are named


class EraseForm(ActForm):
    reason = forms.ChoiceField(label=gettext_lazy("Why"), choices=[("", "–"), *Reason.choices])
    proof = forms.CharField(
        label=gettext_lazy("Proof"), max_length=erasure.LONGEST_PROOF, required=False,
        help_text=gettext_lazy("Who decided it and where that is written down, without naming anybody."),
    )  # fmt: skip
    number = forms.CharField(
        label=gettext_lazy("How many people are erased?"), max_length=12,
        help_text=gettext_lazy("Type the number above. Should more people be found meanwhile, nobody is erased."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def meet(self, people: ContactQuerySet, number: int) -> None:
        """Remember who is meant."""
        self._people, self._number = people, number

    def clean_number(self) -> int:
        """Ask for the very number."""
        typed = re.sub(r"[\s,.]", "", self.cleaned_data["number"])
        if typed != str(self._number):
            raise forms.ValidationError(_("These are %(number)s people.") % {"number": figures.count(self._number)})
        return self._number

    def clean_proof(self) -> str:
        """Refuse a proof that names one of them."""
        first = list(self._people.order_by("pk").values_list("pk", flat=True)[:LOOKED_AT])
        try:
            return erasure.harmless(self.cleaned_data["proof"], first)
        except Invalid as error:
            raise forms.ValidationError(error.errors["proof"]) from error

    def params(self, by: User, now: datetime) -> dict[str, Any]:
        """Open the erasure and return its number with how many people were agreed on."""
        asked = self.cleaned_data
        job = erasure.opened(by=by, reason=asked["reason"], proof=asked["proof"], now=now)
        return {"erasure": job.pk, "people": asked["number"]}


def _job(params: Params) -> Erasure:
    found = Erasure.objects.filter(pk=params["erasure"]).first()
    if found is None:
        raise Gone
    return found


def _erase(params: Params, ids: Sequence[int], by: User, now: datetime) -> dict[int, Any]:
    return dict.fromkeys(erasure.more(_job(params), ids, by=by, now=now), True)


def _fits(params: Params, people: int) -> None:
    if people > params["people"]:
        raise Gone(_("More people were found than were agreed on, so nobody was erased. Look at them and ask again."))


def _carry(params: Params, clock: Callable[[], datetime]) -> bool:
    running.run_due(clock, only=params["erasure"])
    return running.still_open(params["erasure"]) < AHEAD


def _ended(params: Params, now: datetime) -> None:
    erasure.nobody_more(params["erasure"], now)


def _page(params: Params) -> str:
    return reverse("contacts:erasure", args=[params["erasure"]])


def _told(people: int) -> str:
    said = ngettext("%(n)s person is erased, or will be in a moment.",
                    "%(n)s people are erased, or will be in a moment.", people)  # fmt: skip
    return said % {"n": figures.count(people)}


ERASE = Verb(
    "erase", Action.CONTACT_DELETE, gettext_lazy("Erase"),
    gettext_lazy(
        "All that is held of these people is erased: profile, activity, consent, notes, files, scores. No mail goes to "
        "their addresses from then on, and no import brings them back. Orders and numbers of campaigns stay without "
        "them."
    ),
    "eraser", EraseForm, _erase, lambda params: str(_job(params)),
    why_kept=gettext_lazy("This cannot be undone. Stopping it spares only those who were not reached yet."),
    onward=Onward(_fits, _carry, _ended, _page, _told, running.AT_ONCE), scope=TokenScope.CONTACTS_DELETE,
)  # fmt: skip
