"""The parts of one language of a mail as final Liquid sources, made of its content and what that compiled to."""

import html
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from campaigns.templating.blocks import ASSET
from campaigns.templating.compile import PREHEADER, Compiled, compile_variant
from campaigns.templating.content import Content
from campaigns.templating.markup import escaped
from campaigns.templating.models import Asset
from campaigns.templating.uses import Use, uses

_HIDDEN = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:#ffffff;"
_FILLER = "&#847;&zwnj;&nbsp;" * 60  # keeps the body's first words out of the preview line of the inbox


@dataclass(frozen=True)
class Parts:
    """Final Liquid sources of one language. `subject` is without (광고): the sender puts that before it, rendered."""

    language: str
    subject: str
    preheader: str
    html: str
    text: str

    def uses(self, known: Collection[str]) -> list[Use]:
        """Return every mention of a field, in all parts. Raises TemplateError."""
        named = {"subject": self.subject, "preheader": self.preheader, "html": self.html, "text": self.text}
        return [use for part, source in named.items() for use in uses(source, part=part, known=known)]


def compiled_json(content: Content, kind: str) -> dict[str, dict[str, str]]:
    """Return what a version keeps: the compiled parts of every language. Raises TemplateError."""
    made = {language: compile_variant(content, language, kind) for language in content.languages}
    return {language: {"html": one.html, "text": one.text} for language, one in made.items()}


def parts(
    content: Content, compiled: Mapping[str, Any], language: str, *, subject: str = "", preheader: str = ""
) -> Parts:
    """Return the sources that a reader of `language` gets; `subject` and `preheader` replace the template's own."""
    chosen, variant = content.variant(language)
    one = Compiled(**compiled[chosen])
    line = preheader or variant.preheader
    hidden = f'<div style="{_HIDDEN}">{escaped(line)}{_FILLER}</div>' if line else ""
    page = _with_pictures(one.html.replace(PREHEADER, hidden, 1))
    return Parts(chosen, subject or variant.subject, line, page, one.text)


def inbox_preheader(page: str) -> str:
    """Return the words that an inbox shows after the subject, read from a mail's finished HTML; "" when it has none."""
    _, opened, rest = page.partition(f'<div style="{_HIDDEN}">')
    return html.unescape(rest.partition(_FILLER)[0]) if opened else ""


def _with_pictures(page: str) -> str:
    keys = {mark.removeprefix("asset:") for mark in ASSET.findall(page)}
    if not keys:
        return page
    places = {asset.key: settings.BASE_URL + asset.path for asset in Asset.objects.filter(key__in=keys)}
    return ASSET.sub(lambda found: html.escape(places.get(found.group().removeprefix("asset:"), "")), page)
