"""What the editor posts, read and refused in words; the content itself is read by content.read_content."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.templating.content import DEFAULT_ACCENT
from campaigns.templating.models import MailKind

LONGEST_CONTENT = 2_000_000


class ContentField(forms.CharField):
    """The content of a mail as JSON text; gives an object."""

    widget = forms.HiddenInput

    def to_python(self, value: object) -> Any:
        text = str(super().to_python(value))
        if len(text) > LONGEST_CONTENT:
            raise forms.ValidationError(_("This mail is too large to save."))
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("The mail did not arrive whole. Try again.")) from error
        if not isinstance(found, dict) or "\\u0000" in text:
            raise forms.ValidationError(_("The mail did not arrive whole. Try again."))
        return found


class TemplateForm(forms.Form):
    """Everything the editor saves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=MailKind.choices,
        help_text=_("Advertising goes only to people who agreed to it and carries (광고) in the subject."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    content = ContentField()


class PreviewForm(forms.Form):
    """What the preview asks for."""

    kind = forms.ChoiceField(choices=MailKind.choices)
    content = ContentField()
    language = forms.ChoiceField(choices=settings.LANGUAGES)
    contact = forms.CharField(required=False)
    view = forms.ChoiceField(choices=[(view, view) for view in ("html", "dark", "text")], required=False)


class NewTemplateForm(forms.Form):
    """A new template: its name and what it begins from."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=MailKind.choices)
    start = forms.ChoiceField(
        label=_("Begin from"),
        choices=[
            ("blank", _("An empty mail")),
            ("welcome", _("Welcome")),
            ("newsletter", _("Newsletter")),
            ("offer", _("Offer")),
        ],
        widget=forms.RadioSelect,
        initial="welcome",
    )


def blank(language: str) -> dict[str, Any]:
    """Return the content of an empty mail in one language."""
    blocks = [
        {"kind": "heading", "text": "", "size": "large", "align": "left"},
        {"kind": "text", "text": "", "align": "left"},
        {"kind": "footer", "note": ""},
    ]
    variant = {"subject": "", "preheader": "", "kind": "blocks", "blocks": blocks, "text": ""}
    return {"default": language, "accent": DEFAULT_ACCENT, "languages": {language: variant}}
