"""The frequency cap as a marketer fills it in: both numbers, or neither."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_LONGEST = 365  # days


class CapForm(forms.Form):
    """At most so many marketing mails in so many days; both empty: any number."""

    sends = forms.IntegerField(label=_("At most so many marketing mails"), min_value=1, max_value=1000, required=False)
    days = forms.IntegerField(
        label=_("in so many days"),
        min_value=1,
        max_value=_LONGEST,
        required=False,
        help_text=_("Counted for each person over all campaigns. Leave both empty for no limit."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse half a limit."""
        data = super().clean() or {}
        for name, other in (("sends", "days"), ("days", "sends")):
            if not self.errors and data.get(other) and not data.get(name):
                self.add_error(name, _("Fill in both numbers, or leave both empty."))
        return data
