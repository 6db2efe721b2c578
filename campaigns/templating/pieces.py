"""A mail in the pieces between which somebody chooses when another saved it meanwhile; called by the editor."""

import json
from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.templating.changes import lines_of
from campaigns.templating.content import DEFAULT_ACCENT
from campaigns.templating.models import MailKind
from crm.kit.locking import Lockable

WHOLE = "body"  # blocks or source: one piece
_LINES = {"subject": gettext_lazy("Subject"), "preheader": gettext_lazy("Preheader")}


class BodyField(forms.CharField):
    """Blocks or source of one language as JSON text; said line by line."""

    def normal(self, text: str) -> str:
        """Return the JSON in one order; text that is no JSON as it is."""
        try:
            return json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True)
        except ValueError:
            return text

    def in_words(self, text: str) -> str:
        """Return the lines that a reader of the mail sees."""
        try:
            return " / ".join(lines_of(json.loads(text)))
        except ValueError:
            return text


class PiecesForm(Lockable):
    """Name, kind, colour, main language, and for each language subject, preheader, body and plain text."""

    name = forms.CharField(label=gettext_lazy("Name"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MailKind.choices)
    accent = forms.CharField(label=gettext_lazy("Colour"), required=False)
    default = forms.CharField(label=gettext_lazy("For everybody else"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in settings.LANGUAGES:
            for part, label in _LINES.items():
                self.fields[f"{code}-{part}"] = forms.CharField(label=f"{language}: {label}", required=False)
            text, body = (f"{language}: {label}" for label in (_("Plain text"), _("Content")))
            self.fields[f"{code}-{WHOLE}"] = BodyField(label=body, required=False, strip=False)
            self.fields[f"{code}-text"] = forms.CharField(label=text, required=False, strip=False)

    @classmethod
    def of(cls, name: str, kind: str, content: Mapping[str, Any], version: int) -> Self:
        """Return the form of a mail as it is stored."""
        return cls(initial=pieces(name, kind, content)).opened(version)

    def content(self) -> dict[str, Any]:
        """Return the content put together again. For a form that was read; a language without a body is left out."""
        said = self.cleaned_data
        codes = [code for code, _label in settings.LANGUAGES if said.get(f"{code}-{WHOLE}")]
        languages = {
            code: json.loads(said[f"{code}-{WHOLE}"]) | {part: said[f"{code}-{part}"] for part in (*_LINES, "text")}
            for code in codes
        }
        return {"default": said["default"], "accent": said["accent"], "languages": languages}


def pieces(name: str, kind: str, content: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of the form for a mail."""
    languages = content.get("languages", {})
    found = {
        "name": name,
        "kind": kind,
        "accent": str(content.get("accent", DEFAULT_ACCENT)),
        "default": str(content.get("default", next(iter(languages), ""))),
    }
    for code, variant in languages.items():
        found |= {f"{code}-{part}": str(variant.get(part) or "") for part in (*_LINES, "text")}
        body = {part: value for part, value in variant.items() if part not in (*_LINES, "text")}
        found[f"{code}-{WHOLE}"] = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return found


def as_posted(values: Mapping[str, str], **more: str) -> QueryDict:
    """Return these values as the form would post them."""
    posted = QueryDict(mutable=True)
    posted.update({**values, **more})
    return posted
