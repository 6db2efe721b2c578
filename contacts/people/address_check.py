"""Forms that take an address ask once when it looks mistyped; saving again keeps it as it was typed."""

from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.people.address import BadAddress, likely_typo, normalise


class AsksOfTypos(forms.Form):
    """A form with a field `email`. `email_sure` carries the address that the reader was asked about."""

    email_sure = forms.CharField(required=False, max_length=320, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        """Refuse an address that looks mistyped the first time; what is no address at all is told by the verb."""
        typed = str(self.cleaned_data["email"])
        try:
            address = normalise(typed) if typed.strip() else ""
        except BadAddress:
            return typed
        meant = likely_typo(address)
        if meant and self.data.get("email_sure") != address:
            data = cast("QueryDict", self.data).copy()
            data["email_sure"] = address
            self.data = data
            words = _("This looks mistyped: was %(meant)s meant? Correct it, or save again to keep it.")
            raise forms.ValidationError(words % {"meant": meant})
        return typed
