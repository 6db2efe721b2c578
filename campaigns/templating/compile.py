"""From what an author made to what can be sent: blocks → MJML → HTML, and the plain text made of it.

The results are Liquid sources still; nothing of a person is in them.
"""

import re
from dataclasses import dataclass

import css_inline
import mrml
from django.utils.translation import gettext as _

from campaigns.templating import footer
from campaigns.templating.blocks import Block, Columns, Footer
from campaigns.templating.content import Content, Variant
from campaigns.templating.errors import TemplateError
from campaigns.templating.markup import Shelter
from campaigns.templating.pages import plain_text, refuse_active
from campaigns.templating.room import refuse_crowded, with_room

PREHEADER = "\ue002"  # stands in compiled HTML where the preheader goes; replaced when the mail is published
FONTS = {
    "ko": "'Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR',sans-serif",
    "en": "-apple-system,'Segoe UI',Helvetica,Arial,'Apple SD Gothic Neo','Malgun Gothic',sans-serif",
}
HEAD = """<mj-head><mj-attributes><mj-all font-family="{fonts}" />
<mj-text font-size="16px" line-height="1.65" color="#1f2430" /><mj-section padding="0" /><mj-column padding="0" />
</mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" />
<meta name="supported-color-schemes" content="light dark" /></mj-raw>
<mj-style>{style}</mj-style></mj-head>"""
FINE_PRINT = "font-size:12px;line-height:1.6;color:#616a78;max-width:600px;margin:0 auto;padding:24px 16px;"
STYLE = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
.ink div, .fine div { word-break: keep-all; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body, .page { background-color: #14171c !important; }
  .card, .card > table { background: #1e232b !important; background-color: #1e232b !important; }
  .ink div, .ink h1, .ink h2 { color: #e8eaee !important; }
  .fine div { color: #a5adba !important; }
  .rule p { border-top-color: #3a424e !important; }
  .link { color: #8ab8ff !important; }
}
"""
_BODY_START = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_MJ_BODY_END = re.compile(r"</mj-body\s*>", re.IGNORECASE)
_INCLUDE = re.compile(r"<\s*mj-include\b", re.IGNORECASE)


@dataclass(frozen=True)
class Compiled:
    """The Liquid sources of one language: `html` with PREHEADER in it, and `text`; both end with the legal footer."""

    html: str
    text: str


def compile_variant(content: Content, language: str, kind: str) -> Compiled:
    """Return what one language of a mail compiles to; `kind` decides the footer. Raises TemplateError."""
    variant = content.languages[language]
    note = next((block.note for block in variant.blocks if isinstance(block, Footer)), "")
    end = footer.html(kind, language, note, content.accent)
    if variant.kind == "html":
        page = _from_html(variant.source, language, end)
    else:
        source = variant.source if variant.kind == "mjml" else blocks_mjml(content, variant, language)
        page = _from_mjml(source, end, part=variant.kind)
    body = variant.text.strip() or plain_text(page)
    return Compiled(_with_preheader_mark(page), f"{body}\n\n{footer.text(kind, language, note)}")


def blocks_mjml(content: Content, variant: Variant, language: str) -> str:
    """Return the MJML of a mail made of blocks, without its footer."""
    sections = "".join(_section(block, content.accent) for block in variant.blocks)
    head = HEAD.format(fonts=FONTS[language], style=STYLE)
    return (
        f'<mjml lang="{language}">{head}<mj-body width="600px" background-color="#f1f3f6" css-class="page">'
        '<mj-section padding="12px 0"></mj-section><mj-wrapper css-class="card" background-color="#ffffff" '
        f'border-radius="12px" padding="0 0 24px">{sections}</mj-wrapper></mj-body></mjml>'
    )


def _section(block: Block, accent: str) -> str:
    inner = block.mjml(accent)
    if not inner:
        return ""
    padding = "0 16px" if isinstance(block, Columns) else "0"
    return f'<mj-section padding="{padding}">{inner if isinstance(block, Columns) else _column(inner)}</mj-section>'


def _column(inner: str) -> str:
    return f"<mj-column>{inner}</mj-column>"


def _from_mjml(source: str, end: str, *, part: str) -> str:
    if found := _INCLUDE.search(source):
        line = source.count("\n", 0, found.start()) + 1
        raise TemplateError(_("mj-include is not allowed: paste the piece itself."), part=part, line=line)
    closing = _last(_MJ_BODY_END, source)
    if closing is None:
        raise TemplateError(_("The MJML needs <mjml><mj-body> … </mj-body></mjml>."), part=part)
    whole = source[: closing.start()] + _footer_mjml(end) + source[closing.start() :]
    shelter = Shelter()
    hidden = shelter.hide_in_markup(whole)
    page = _mrml(hidden, part)
    if lost := shelter.lost_in(page):
        message = _("MJML drops %(code)s where it stands: put it into <mj-raw>.")
        line = source.count("\n", 0, source.find(lost[0])) + 1
        raise TemplateError(message % {"code": lost[0]}, part=part, line=line)
    refuse_active(page, part=part, lines=False)
    return shelter.restore(page)


_RENDERING = mrml.RenderOptions(fonts={})  # no fonts from other hosts: each would tell them who reads


def _mrml(source: str, part: str) -> str:
    refuse_crowded(source, part)
    try:
        return with_room(lambda text: str(mrml.to_html(text, None, _RENDERING).content), source)
    except (OSError, ValueError) as error:
        raise TemplateError(_("The MJML cannot be read: %(detail)s.") % {"detail": error}, part=part) from error


def _footer_mjml(end: str) -> str:
    return (
        f"<mj-raw><!--{footer.MARK}--></mj-raw>"
        '<mj-section padding="8px 0 24px"><mj-column><mj-text css-class="fine" font-size="12px" color="#616a78" '
        f'line-height="1.6" padding="16px 32px" align="left">{end}</mj-text></mj-column></mj-section>'
    )


def _from_html(source: str, language: str, end: str) -> str:
    refuse_crowded(source, "html")
    refuse_active(Shelter().hide_in_markup(source), part="html", lines=True)
    whole = source if _BODY_START.search(source) else _page(source, language)
    closing = _last(_BODY_END, whole)
    at = closing.start() if closing else len(whole)
    style = f"font-family:{FONTS[language]};{FINE_PRINT}"
    whole = f'{whole[:at]}<!--{footer.MARK}--><div style="{style}">{end}</div>{whole[at:]}'
    if "<style" not in whole.lower():
        return whole
    shelter = Shelter()
    try:
        return shelter.restore(with_room(_INLINER.inline, shelter.hide_in_markup(whole)))
    except ValueError as error:
        raise TemplateError(_("The styles cannot be read: %(detail)s.") % {"detail": error}, part="html") from error


_INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def _page(fragment: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"></head><body>{fragment}</body></html>'
    )


def _with_preheader_mark(page: str) -> str:
    start = _BODY_START.search(page)
    at = start.end() if start else 0
    return page[:at] + PREHEADER + page[at:]


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found
