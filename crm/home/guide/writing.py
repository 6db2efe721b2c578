"""Turns a page of the guide from Markdown into HTML that is safe, with sections that can be linked to and searched.

Called by crm.home.guide.pages. Source of the grammar: CommonMark with tables.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "a", "img", "code", "pre", "blockquote", "hr", "br"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "h2": {"id"}, "h3": {"id"}}
PICTURES = "../../tour/"  # where the pictures are, seen from a page in the repository
_READER = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Section:
    """A heading of the second or third rank with the plain text below it, up to the next heading."""

    anchor: str
    title: str
    text: str
    rank: int


@dataclass(frozen=True)
class Written:
    """One page: its title, its HTML without the title, its sections, and the labels it quotes in bold."""

    title: str
    html: str
    sections: tuple[Section, ...]
    labels: tuple[str, ...]
    pictures: tuple[str, ...]
    links: tuple[str, ...]


def anchor_of(title: str) -> str:
    """Return a heading as it stands behind the # of an address: letters and digits of any script, joined by hyphens."""
    return "-".join(re.findall(r"\w+", unicodedata.normalize("NFC", title).lower()))


def written(source: str, pictures: str) -> Written:
    """Read one page. `pictures` is the address that stands for PICTURES. Raises ValueError without a first heading."""
    tokens = _READER.parse(unicodedata.normalize("NFC", source))
    if len(tokens) < 3 or tokens[0].tag != "h1":
        raise ValueError("a page of the guide begins with its title: # …")
    inlines = [child for token in tokens for child in token.children or ()]
    links = [str(child.attrs["href"]) for child in inlines if child.type == "link_open"]
    shown = [str(child.attrs["src"]) for child in inlines if child.type == "image"]
    title, body = plain(tokens[1]), tokens[3:]
    sections = tuple(_sections(body))
    _point(inlines, pictures)
    html = nh3.clean(
        _READER.renderer.render(body, _READER.options, {}), tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None
    )
    return Written(title, html, sections, tuple(_labels(tokens)), tuple(shown), tuple(links))


def plain(token: Token) -> str:
    """Return the words of an inline token, without marks and without the words that stand for pictures."""
    return "".join(
        child.content if child.type in ("text", "code_inline") else " " * (child.type == "softbreak")
        for child in token.children or ()
    )


def _sections(tokens: list[Token]) -> Iterator[Section]:
    """Yield the sections, and give their headings the ids by which they are linked to."""
    heading, words = None, list[str]()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            if heading is not None:
                yield heading_section(heading, words)
            heading, words = (tokens[at + 1], int(token.tag[1])), []
            token.attrSet("id", anchor_of(plain(tokens[at + 1])))
        elif token.type == "inline" and (heading is None or token is not heading[0]):
            words.append(plain(token))
    if heading is not None:
        yield heading_section(heading, words)


def heading_section(heading: tuple[Token, int], words: list[str]) -> Section:
    """Return the section below a heading of a rank."""
    title = plain(heading[0])
    return Section(anchor_of(title), title, " ".join(filter(None, words)), heading[1])


def _labels(tokens: list[Token]) -> Iterator[str]:
    """Yield what stands in bold: a button or link of the product, quoted to the letter."""
    for token in tokens:
        inside = None
        for child in token.children or ():
            if child.type == "strong_open":
                inside = ""
            elif child.type == "strong_close" and inside is not None:
                yield inside
                inside = None
            elif inside is not None:
                inside += child.content


def _point(inlines: list[Token], pictures: str) -> None:
    """Point pictures and links between pages, written as files of the repository, at the product's addresses."""
    for child in inlines:
        if child.type == "image":
            child.attrSet("src", pictures + str(child.attrs["src"]).removeprefix(PICTURES))
        elif child.type == "link_open":
            page = re.fullmatch(r"(\w+)\.md(#.*)?", str(child.attrs["href"]))
            if page:
                child.attrSet("href", f"../{page[1]}/{page[2] or ''}")
