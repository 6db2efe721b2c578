"""What a colleague fills in when a person says which topics she wants."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TopicsForm(forms.Form):
    """Where the person said so; the ticks themselves are drawn by the page (`topic`, ids of those she wants)."""

    source = forms.CharField(
        label=_("Where"),
        max_length=80,
        help_text=_("For example: by phone, at the trade fair, signed contract."),
        widget=forms.TextInput(attrs={"id": "topics-source", "autocomplete": "off"}),
    )

    def wanted(self) -> set[int]:
        """Return the ids that are ticked; anything that is no number is none."""
        raw = self.data.getlist("topic") if hasattr(self.data, "getlist") else self.data.get("topic", ())
        return {int(text) for text in raw if text.isascii() and text.isdecimal() and len(text) < 19}
