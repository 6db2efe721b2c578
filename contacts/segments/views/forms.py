"""The form of a segment. Its rule is JSON in a textarea: the builder's scripts draw it, without them it is typed."""

import json
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.rules.parsing import parse
from contacts.segments.views import telling
from crm.kit.locking import Lockable
from crm.kit.text import ForbiddenCharacter, clean_line

EMPTY = '{"version": 1, "rule": {"all": []}}'


def as_text(definition: Any) -> str:
    """Return a stored rule as the form shows it."""
    return json.dumps(definition, ensure_ascii=False)


class RuleField(forms.CharField):
    """A rule as JSON text, which the builder draws and the parser checks."""

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(
            label=_("Rule"),
            strip=False,
            required=required,
            max_length=300_000,
            widget=forms.Textarea(attrs={"class": "form-control", "spellcheck": "false", "rows": 18}),
        )

    def normal(self, text: str) -> str:
        """Return the rule as it would be stored; text that is no rule as it is."""
        try:
            return json.dumps(parse(text).stored(), ensure_ascii=False)
        except BadRule:
            return text

    def in_words(self, text: str) -> str:
        """Return the sentence of the rule; of text that is no rule what is wrong with it."""
        return str(telling.of(text)["sentence"])


class SegmentForm(Lockable):
    """Name, description and rule; `token` guards against a second post."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("Description"), max_length=500, required=False)
    definition = RuleField()
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    @classmethod
    def of(cls, segment: Segment) -> Self:
        """Return the form of a stored segment."""
        shown = {"name": segment.label, "description": segment.about, "definition": as_text(segment.definition)}
        return cls(initial=shown).opened(segment.version)

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
