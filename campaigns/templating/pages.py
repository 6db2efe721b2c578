"""Reading the HTML of a mail: what must not be in it, its links and pictures, and its plain text."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from campaigns.templating.errors import TemplateError
from campaigns.templating.footer import MARK
from campaigns.templating.markup import Shelter

ACTIVE = frozenset(
    ("script", "iframe", "frame", "object", "embed", "applet", "form", "input", "base", "link", "svg", "math")
)
HIDDEN = frozenset(("style", "title", "head", "script"))
BREAKS = frozenset(("p", "div", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table", "br", "li"))
VOID = frozenset(("br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"))
_BAD_ADDRESS = re.compile(r"\s*(javascript|vbscript|data|file)\s*:", re.IGNORECASE)
_OPENING = re.compile(r"<[a-zA-Z/!?]")
_DECLARATION = re.compile(r"<!(--|doctype\b|\[(if|endif)\b)", re.IGNORECASE)
LONGEST_TAG = 4_000
Attributes = list[tuple[str, str | None]]


class _Active(HTMLParser):
    """Finds what runs or loads by itself; mail programs drop it and browsers must not run it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        named = dict(attrs)
        refreshes = tag == "meta" and (named.get("http-equiv") or "").lower() == "refresh"
        handlers = [name for name in named if name.startswith("on")]
        bad = [name for name in ("href", "src", "action", "background") if _BAD_ADDRESS.match(named.get(name) or "")]
        for what in [*([tag] if tag in ACTIVE or refreshes else []), *handlers, *bad]:
            self.found = self.found or (what, self.getpos()[0])


def refuse_broken(page: str, *, part: str, lines: bool) -> None:
    """Refuse tags and comments that are never closed: the reader would search the rest of the page for each of them.

    Measured: 9,000 unclosed tags in 200,000 letters took it 56 seconds. Raises TemplateError.
    """
    opened = page.rfind("<!--")
    if opened > page.rfind("-->"):
        _broken(page, opened, _("A comment is never closed."), part, lines)
    for found in _OPENING.finditer(page):
        if found.group().startswith("<!") and not _DECLARATION.match(page, found.start()):
            _broken(page, found.start(), _("Only comments and the doctype may begin with <!."), part, lines)
        if page.find(">", found.end(), found.end() + LONGEST_TAG) < 0:
            _broken(page, found.start(), _("A tag is never closed."), part, lines)


def _broken(page: str, at: int, message: str, part: str, lines: bool) -> None:
    raise TemplateError(message, part=part, line=page.count("\n", 0, at) + 1 if lines else 0)


def refuse_active(page: str, *, part: str, lines: bool) -> None:
    """Refuse scripts, frames, forms, handlers, script addresses and broken tags. Raises TemplateError naming them.

    `lines` tells whether line numbers of `page` mean anything to the author.
    """
    refuse_broken(page, part=part, lines=lines)
    reader = _Active()
    reader.feed(page)
    reader.close()
    if reader.found:
        what, line = reader.found
        message = _('"%(what)s" is not allowed in a mail: mail programs remove it. Take it out.') % {"what": what}
        raise TemplateError(message, part=part, line=line if lines else 0)


@dataclass
class Link:
    """One link: its address, the text that is clicked, and its line."""

    url: str
    line: int
    label: str = ""


@dataclass
class Image:
    """One picture: its address, and its description (None when there is no alt at all)."""

    src: str
    alt: str | None
    line: int


@dataclass
class Outline:
    """What the checks look at."""

    links: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


class _Outliner(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outline = Outline()
        self._open: list[Link] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        named = dict(attrs)
        if tag == "a" and "href" in named:
            self._open.append(Link(named["href"] or "", self.getpos()[0]))
            self.outline.links.append(self._open[-1])
        elif tag == "img":
            alt = named.get("alt") if "alt" in named else None
            self.outline.images.append(Image(named.get("src") or "", alt, self.getpos()[0]))
            self._label(alt or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._label(data)

    def _label(self, text: str) -> None:
        if self._open:
            self._open[-1].label += text


def outline(page: str) -> Outline:
    """Return the links and pictures of a page."""
    shelter = Shelter()
    reader = _Outliner()
    reader.feed(shelter.hide_in_markup(page))
    reader.close()
    found = reader.outline
    for link in found.links:
        link.url, link.label = shelter.restore(link.url), shelter.restore(link.label)
    for image in found.images:
        image.src, image.alt = shelter.restore(image.src), image.alt and shelter.restore(image.alt)
    return found


class _Plain(HTMLParser):
    def __init__(self, shelter: Shelter) -> None:
        super().__init__()
        self._shelter = shelter
        self.pieces: list[str] = []
        self._hidden = 0
        self._href = ""
        self._ended = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        named = dict(attrs)
        if tag in HIDDEN:
            self._hidden += 1
        elif tag in BREAKS:
            self._put("\n- " if tag == "li" else "\n\n" if tag in ("p", "h1", "h2", "table") else "\n")
        elif tag == "a":
            self._href = named.get("href") or ""
        elif tag == "img" and named.get("alt"):
            self._put(f"[{named['alt']}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden -= 1
        elif tag == "a" and self._href:
            self._put(f" ({self._href})")
            self._href = ""
        elif tag in BREAKS and tag != "li":
            self._put("\n")

    def handle_comment(self, data: str) -> None:
        self._ended = self._ended or data.strip() == MARK
        if self._shelter.holds(data):
            self._put(data)

    def handle_data(self, data: str) -> None:
        self._put(re.sub(r"\s+", " ", data))

    def _put(self, text: str) -> None:
        if not self._hidden and not self._ended:
            self.pieces.append(text)


def plain_text(page: str) -> str:
    """Return the text of a page up to its legal footer: one blank line at most, links in brackets after their label."""
    shelter = Shelter()
    reader = _Plain(shelter)
    reader.feed(shelter.hide_in_markup(page))
    reader.close()
    lines = "".join(reader.pieces).replace("\xa0", " ").split("\n")
    text = "\n".join(line.strip() for line in lines)
    return shelter.restore(re.sub(r"\n{3,}", "\n\n", text).strip())
