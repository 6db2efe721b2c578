"""What a template says, read from its JSON by the one parser: for each language a subject, a preheader and a source."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.templating.blocks import Block, read_blocks
from campaigns.templating.errors import TemplateError
from campaigns.templating.liquid import LONGEST_SOURCE, compile_source
from campaigns.templating.markup import refuse_private
from crm.kit.text import ForbiddenCharacter, clean_line

PLACEHOLDER = "www.example.com"  # the host that links of ready-made mails lead to until somebody changes them
DEFAULT_ACCENT = "#1f6feb"
SOURCES = ("blocks", "mjml", "html")
LONGEST_SUBJECT = 200
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Variant:
    """One language of a mail. `blocks` is filled for the kind "blocks", `source` for "mjml" and "html".

    `text` is the plain-text part as the author wrote it, empty when it is to be made from the HTML.
    """

    subject: str
    preheader: str
    kind: str
    blocks: tuple[Block, ...]
    source: str
    text: str


@dataclass(frozen=True)
class Content:
    """A whole mail: its languages, the one for everybody else, and the colour of buttons and links (#rrggbb)."""

    languages: Mapping[str, Variant]
    default: str
    accent: str

    def variant(self, language: str) -> tuple[str, Variant]:
        """Return the language that a reader of `language` gets, and its variant."""
        chosen = language if language in self.languages else self.default
        return chosen, self.languages[chosen]


def read_content(raw: object) -> Content:
    """Return the content that a JSON object says. Raises TemplateError with the place."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("languages"), Mapping) or not raw["languages"]:
        raise TemplateError(_("The mail has no language yet. Add one."))
    known = dict(settings.LANGUAGES)
    for code in raw["languages"]:
        if code not in known:
            raise TemplateError(_('The language "%(code)s" is not one of this install.') % {"code": code})
    languages = {code: _variant(value) for code, value in raw["languages"].items()}
    default = raw.get("default", next(iter(languages)))
    if default not in languages:
        raise TemplateError(_('The main language "%(code)s" has no text.') % {"code": default})
    accent = raw.get("accent", DEFAULT_ACCENT)
    if not isinstance(accent, str) or not _COLOUR.fullmatch(accent):
        raise TemplateError(_('"%(colour)s" is no colour such as #1f6feb.') % {"colour": accent})
    return Content(languages, default, accent)


def _variant(raw: object) -> Variant:
    if not isinstance(raw, Mapping):
        raise TemplateError(_("The text of a language must be an object."))
    kind = raw.get("kind", "blocks")
    if kind not in SOURCES:
        raise TemplateError(_('"%(value)s" is not among: %(among)s.') % {"value": kind, "among": ", ".join(SOURCES)})
    return Variant(
        subject=line(raw, "subject"),
        preheader=line(raw, "preheader"),
        kind=str(kind),
        blocks=read_blocks(raw.get("blocks")) if kind == "blocks" else (),
        source="" if kind == "blocks" else _long(raw, "source", str(kind)),
        text=_long(raw, "text", "text"),
    )


def line(raw: Mapping[str, Any], part: str) -> str:
    """Return the subject or preheader: one line whose Liquid parses. Raises TemplateError."""
    value = raw.get(part, "")
    if not isinstance(value, str) or len(value) > LONGEST_SUBJECT:
        raise TemplateError(_("At most %(limit)d letters are allowed here.") % {"limit": LONGEST_SUBJECT}, part=part)
    try:
        text = clean_line(value)
    except ForbiddenCharacter as error:
        raise TemplateError(_("Line breaks and control characters are not allowed here."), part=part) from error
    refuse_private(text, part)
    compile_source(text, part=part)
    return text


def _long(raw: Mapping[str, Any], key: str, part: str) -> str:
    value = raw.get(key, "")
    if not isinstance(value, str) or len(value) > LONGEST_SOURCE or "\0" in value:
        raise TemplateError(
            _("This part must be a text of at most %(limit)d letters.") % {"limit": LONGEST_SOURCE}, part=part
        )
    refuse_private(value, part)
    compile_source(value, part=part)
    return value.replace("\r\n", "\n")
