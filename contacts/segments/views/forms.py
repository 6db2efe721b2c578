"""The form of a segment. Its rule is JSON in a textarea: the builder's scripts draw it, without them it is typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.kit.text import ForbiddenCharacter, clean_line

EMPTY = '{"version": 1, "rule": {"all": []}}'


class RuleField(forms.CharField):
    """A rule as JSON text, which the builder draws and the parser checks."""

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(
            label=_("The rule as JSON"),
            strip=False,
            required=required,
            max_length=300_000,
            widget=forms.Textarea(attrs={"class": "form-control", "spellcheck": "false", "rows": 18}),
        )


class SegmentForm(forms.Form):
    """`version` is that of the segment when the form was opened; `token` guards against a second post."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("Description"), max_length=500, required=False)
    definition = RuleField()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        """Refuse what is no line of text."""
        return self._line("name")

    def clean_description(self) -> str:
        """Refuse what is no line of text."""
        return self._line("description")

    def _line(self, name: str) -> str:
        try:
            return clean_line(self.cleaned_data[name])
        except ForbiddenCharacter as error:
            raise forms.ValidationError(_("Control characters are not allowed here.")) from error
