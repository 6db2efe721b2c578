"""The blocks that a mail is made of in the editor. One parser turns their JSON into these classes, with one error.

Each block is one small class: kind, label, how it is read, and its MJML. To add one: write it and list it in BLOCKS.
"""

import html
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.templating.errors import TemplateError
from campaigns.templating.liquid import compile_source
from campaigns.templating.markup import LIQUID, escaped, outside_liquid, paragraphs, refuse_private

MOST_BLOCKS = 60
ALIGNMENTS = ("left", "center")
ASSET = re.compile(r"asset:[A-Za-z0-9_-]{8,32}")
_ADDRESS = re.compile(r"(https?://|mailto:|tel:)\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Raw:
    """The JSON of one block while it is read; every fault is a TemplateError."""

    values: Mapping[str, Any]

    def text(self, key: str, longest: int) -> str:
        """Return a text, empty when absent; its Liquid must parse by itself."""
        value = self.values.get(key, "")
        if not isinstance(value, str) or len(value) > longest:
            raise TemplateError(
                _('"%(key)s" must be a text of at most %(longest)d letters.') % {"key": key, "longest": longest}
            )
        refuse_private(value, "blocks")
        compile_source(value, part="html")
        return value.replace("\r\n", "\n").strip()

    def address(self, key: str) -> str:
        """Return a web, mail or phone address, a merge field, or nothing."""
        value = self.text(key, 2000)
        if value and not (_ADDRESS.fullmatch(value) or LIQUID.match(value)):
            raise TemplateError(
                _('"%(address)s" is no address: it must start with https://, mailto: or tel:.') % {"address": value}
            )
        if re.search(r'[\s"<>]', LIQUID.sub("", value)):
            raise TemplateError(_('The address "%(address)s" holds a space or a quote.') % {"address": value})
        return value

    def choice(self, key: str, among: Sequence[str]) -> str:
        """Return one of `among`, the first when absent."""
        value = self.values.get(key, among[0])
        if value not in among:
            raise TemplateError(_('"%(value)s" is not among: %(among)s.') % {"value": value, "among": ", ".join(among)})
        return str(value)


class Block(ABC):
    """What every block has. `label` and `hint` are shown in the editor."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]

    @classmethod
    @abstractmethod
    def read(cls, raw: Raw) -> Self:
        """Return the block that the JSON says. Raises TemplateError."""

    @abstractmethod
    def mjml(self, accent: str) -> str:
        """Return what stands inside one column."""


@dataclass(frozen=True)
class Heading(Block):
    kind = "heading"
    label = gettext_lazy("Heading")
    text: str
    size: str
    align: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(raw.text("text", 300), raw.choice("size", ("large", "small")), raw.choice("align", ALIGNMENTS))

    def mjml(self, accent: str) -> str:  # noqa: ARG002 - the colour is the ink's
        tag, size = ("h1", "26px") if self.size == "large" else ("h2", "19px")
        return (
            f'<mj-text css-class="ink" align="{self.align}" font-size="{size}" font-weight="700" line-height="1.35" '
            f'padding="14px 32px 6px"><{tag} style="margin:0;font-size:{size};font-weight:700;">{escaped(self.text)}'
            f"</{tag}></mj-text>"
        )


@dataclass(frozen=True)
class Text(Block):
    kind = "text"
    label = gettext_lazy("Text")
    text: str
    align: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(raw.text("text", 10_000), raw.choice("align", ALIGNMENTS))

    def mjml(self, accent: str) -> str:
        body = paragraphs(self.text).replace('class="link"', f'class="link" style="color:{accent};"')
        return f'<mj-text css-class="ink" align="{self.align}" padding="8px 32px 0">{body}</mj-text>'


@dataclass(frozen=True)
class Picture(Block):
    kind = "picture"
    label = gettext_lazy("Picture")
    src: str
    alt: str
    url: str
    width: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        src = raw.text("src", 2000)
        if src and not ASSET.fullmatch(src) and not re.fullmatch(r'https://[^\s"<>]+', src):
            raise TemplateError(_("A picture must be uploaded here or have an address that starts with https://."))
        return cls(src, raw.text("alt", 200), raw.address("url"), raw.choice("width", ("full", "padded", "small")))

    def mjml(self, accent: str) -> str:  # noqa: ARG002 - a picture has its own colours
        if not self.src:
            return ""
        look = {
            "full": 'padding="0" border-radius="0"',
            "padded": 'padding="14px 32px" border-radius="8px"',
            "small": 'padding="14px 32px" width="160px"',
        }[self.width]
        href = f' href="{attribute(self.url)}"' if self.url else ""
        return f'<mj-image src="{attribute(self.src)}" alt="{attribute(self.alt)}" {look}{href} />'


@dataclass(frozen=True)
class Button(Block):
    kind = "button"
    label = gettext_lazy("Button")
    text: str
    url: str
    align: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(raw.text("text", 120), raw.address("url"), raw.choice("align", ALIGNMENTS))

    def mjml(self, accent: str) -> str:
        href = f' href="{attribute(self.url)}"' if self.url else ""
        return (
            f'<mj-button{href} align="{self.align}" background-color="{accent}" color="{on_colour(accent)}" '
            f'border-radius="8px" font-size="16px" font-weight="700" inner-padding="14px 28px" padding="14px 32px">'
            f"{escaped(self.text)}</mj-button>"
        )


@dataclass(frozen=True)
class Divider(Block):
    kind = "divider"
    label = gettext_lazy("Divider")

    @classmethod
    def read(cls, raw: Raw) -> Self:  # noqa: ARG003 - nothing to say
        return cls()

    def mjml(self, accent: str) -> str:  # noqa: ARG002 - a quiet line
        return '<mj-divider css-class="rule" border-width="1px" border-color="#dde1e7" padding="18px 32px" />'


@dataclass(frozen=True)
class Columns(Block):
    kind = "columns"
    label = gettext_lazy("Two columns")
    left: tuple[Block, ...]
    right: tuple[Block, ...]

    @classmethod
    def read(cls, raw: Raw) -> Self:
        sides = [raw.values.get(side, []) for side in ("left", "right")]
        if not all(isinstance(side, list) and len(side) <= 10 for side in sides):
            raise TemplateError(_("Each column must be a list of at most 10 blocks."))
        left, right = (tuple(_read_one(value, INSIDE_COLUMNS) for value in side) for side in sides)
        return cls(left, right)

    def mjml(self, accent: str) -> str:
        sides = ("".join(block.mjml(accent) for block in side) for side in (self.left, self.right))
        columns = "".join(f'<mj-column width="50%" vertical-align="top">{side}</mj-column>' for side in sides)
        return columns.replace("32px", "16px")


@dataclass(frozen=True)
class Footer(Block):
    kind = "footer"
    label = gettext_lazy("Footer")
    note: str

    @classmethod
    def read(cls, raw: Raw) -> Self:
        return cls(raw.text("note", 600))

    def mjml(self, accent: str) -> str:  # noqa: ARG002 - drawn with the legal part in footer.py
        return ""


INSIDE_COLUMNS: dict[str, type[Block]] = {block.kind: block for block in (Heading, Text, Picture, Button)}
BLOCKS: dict[str, type[Block]] = INSIDE_COLUMNS | {block.kind: block for block in (Divider, Columns, Footer)}


def attribute(text: str) -> str:
    """Return the text for an attribute between double quotes, Liquid untouched."""
    return outside_liquid(text, lambda plain: html.escape(plain, quote=True))


def on_colour(colour: str) -> str:
    """Return white or near black, whichever reads better on #rrggbb (WCAG relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#16191f"


def read_blocks(raw: object) -> tuple[Block, ...]:
    """Return the blocks of a JSON list; the footer comes last, once. Raises TemplateError naming the block."""
    if not isinstance(raw, list) or len(raw) > MOST_BLOCKS:
        raise TemplateError(_("A mail needs a list of at most %(most)d blocks.") % {"most": MOST_BLOCKS}, part="blocks")
    blocks = tuple(_read_at(number, value) for number, value in enumerate(raw, 1))
    places = [number for number, block in enumerate(blocks, 1) if isinstance(block, Footer)]
    if places != [len(blocks)]:
        raise TemplateError(
            _("The footer must be the last block and must be there once."),
            part="blocks",
            block=places[0] if places else len(blocks),
        )
    return blocks


def _read_at(number: int, value: object) -> Block:
    try:
        return _read_one(value, BLOCKS)
    except TemplateError as error:
        raise error.located(part="blocks", block=number) from error


def _read_one(value: object, among: Mapping[str, type[Block]]) -> Block:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(kind, str) or kind not in among:
        raise TemplateError(_('A block of the kind "%(kind)s" cannot stand here.') % {"kind": kind})
    return among[kind].read(Raw(value))
