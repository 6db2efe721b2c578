"""Text around Liquid: escaping it, protecting Liquid from HTML tools, and the light markup of text blocks."""

import html
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from campaigns.templating.errors import TemplateError

LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
_LINK = re.compile(r"\[([^\[\]]+)\]\((\S+?)\)")


@dataclass
class Shelter:
    """Takes Liquid out of a text, so that tools for HTML and MJML see plain letters, and puts it back.

    Marks are small letters and digits, since the tools lower and encode addresses; each shelter has its own prefix.
    """

    kept: list[str] = field(default_factory=list)
    prefix: str = field(default_factory=lambda: f"lq{secrets.token_hex(5)}n")

    def hide(self, text: str) -> str:
        """Return the text with every piece of Liquid replaced by a mark."""
        return LIQUID.sub(self._keep, text)

    def hide_in_markup(self, text: str) -> str:
        """Do the same in HTML or MJML, where a {% … %} outside a tag becomes a comment (tables move plain text)."""

        def keep(found: re.Match[str]) -> str:
            mark = self._keep(found)
            in_tag = text.rfind("<", 0, found.start()) > text.rfind(">", 0, found.start())
            return mark if in_tag or found.group().startswith("{{") else f"<!--{mark}-->"

        return LIQUID.sub(keep, text)

    def _keep(self, found: re.Match[str]) -> str:
        self.kept.append(found.group())
        return f"{self.prefix}{len(self.kept) - 1}x"

    @property
    def _marks(self) -> re.Pattern[str]:
        return re.compile(f"(?:<!--)?{self.prefix}(\\d+)x(?:-->)?")

    def restore(self, text: str) -> str:
        """Return the text with its Liquid back in place."""
        return self._marks.sub(lambda found: self.kept[int(found.group(1))], text)

    def lost_in(self, text: str) -> list[str]:
        """Return the pieces of Liquid that are no longer there, as after a tool dropped what it did not know."""
        there = {int(number) for number in self._marks.findall(text)}
        return [piece for number, piece in enumerate(self.kept) if number not in there]

    def holds(self, mark: str) -> bool:
        """Tell whether this is exactly one of our marks."""
        return bool(self._marks.fullmatch(mark))


def refuse_private(text: str, part: str) -> None:
    """Refuse letters for private use: no mail program shows them, and one marks a place here. Raises TemplateError."""
    if _PRIVATE.search(text):
        raise TemplateError(_("The text holds a letter for private use, which mail programs cannot show."), part=part)


def outside_liquid(text: str, change: Callable[[str], str]) -> str:
    """Return the text with `change` applied to everything that is not Liquid."""
    shelter = Shelter()
    return shelter.restore(change(shelter.hide(text)))


def escaped(text: str) -> str:
    """Return the text as HTML, Liquid untouched."""
    return outside_liquid(text, html.escape)


def inline(text: str) -> str:
    """Return one line of light markup as HTML: **bold** and [label](address)."""
    return _inline(html.escape(text))


def _inline(line: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", line)
    return _LINK.sub(r'<a href="\2" class="link">\1</a>', bold)


def paragraphs(text: str) -> str:
    """Return light markup as HTML: blank lines part paragraphs, lines that start with "- " make a list."""
    return outside_liquid(
        text.strip(), lambda plain: "".join(map(_paragraph, re.split(r"\n\s*\n", html.escape(plain))))
    )


def _paragraph(block: str) -> str:
    lines = block.strip("\n").split("\n")
    if all(line.lstrip().startswith("- ") for line in lines):
        items = "".join(f"<li>{_inline(line.lstrip()[2:])}</li>" for line in lines)
        return f'<ul style="margin:0 0 12px;padding-left:20px;">{items}</ul>'
    return f'<p style="margin:0 0 12px;">{"<br/>".join(_inline(line) for line in lines)}</p>'
