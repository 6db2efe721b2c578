"""The details of a sender: the law wants all of them in the footer of advertising mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.senders.models import Sender
from contacts.people import address
from crm.kit.text import ForbiddenCharacter, clean_line


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    """A sender identity."""

    class Meta:
        model = Sender
        fields = ["name", "email", "reply_to", "organisation", "postal_address", "phone"]
        help_texts = {
            "name": _("What the inbox shows, for example: Minji of Haneul."),
            "email": _("A mail with a link goes to it; after the link was confirmed it can send."),
            "postal_address": _("Stands in the footer, with organisation and phone, as the law asks."),
        }

    def clean(self) -> dict[str, Any]:
        """Refuse line breaks and controls everywhere; keep the address in its normal form."""
        data = super().clean() or {}
        for name, value in list(data.items()):
            try:
                data[name] = clean_line(value or "")
            except ForbiddenCharacter:
                self.add_error(name, _("Line breaks and control characters are not allowed here."))
        try:
            data["email"] = address.normalise(data.get("email", ""))
        except address.BadAddress:
            if "email" not in self.errors:
                self.add_error("email", _("This is no e-mail address. Write it like name@example.com."))
        return data


class TrialForm(forms.Form):
    """What a trial asks: the name of the DKIM key, where it is not a usual one."""

    selector = forms.RegexField(
        r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
        label=_("Name of the DKIM key (selector)"),
        required=False,
        max_length=63,
        help_text=_("Your mail provider names it. Left empty, the usual names are tried."),
        error_messages={"invalid": _("Letters, digits and hyphens only, such as selector1.")},
    )
