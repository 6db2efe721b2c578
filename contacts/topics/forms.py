"""What a colleague fills in when a person says which topics she wants."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TopicsForm(forms.Form):
    """Where the person said so; the ticks themselves are drawn by the page and read by Ticks."""

    source = forms.CharField(
        label=_("Where"),
        max_length=80,
        help_text=_("For example: by phone, at the trade fair, signed contract."),
        widget=forms.TextInput(attrs={"id": "topics-source", "autocomplete": "off"}),
    )
