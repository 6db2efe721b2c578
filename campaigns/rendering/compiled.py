"""A mail compiled for one dispatch, language and tracking consent: static bytes and slots, spliced per person.

Measured here: see docs/decisions for the profile. The MIME skeleton is built by the library once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from liquid.stringify import to_liquid_string

from campaigns.rendering.headers import (
    date_line,
    encoded_words,
    is_one_line,
    list_lines,
    marked,
    message_id,
    one_line,
    subject_line,
)
from campaigns.rendering.links import MARK
from campaigns.rendering.origin import Origin, skeleton
from campaigns.rendering.quoted import SOFT, clean, html_value, static_piece, text_value
from campaigns.rendering.slots import Complex, Cut, Piece, Simple, Static
from campaigns.templating.models import MailKind

_REMEMBERED = 5_000  # outputs of complex slots kept per compiled mail


class Recipient(NamedTuple):
    """One row of a slice: whom the mail is for. `values` are in the order of the mail's fields."""

    message_id: int
    contact_id: int
    email: str
    language: str
    time_zone: str
    tracked: bool
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Parts:
    """The three parts of a mail after links were replaced, and the keys of the row's values in order."""

    subject: Cut
    html: Cut
    text: Cut
    html_pieces: Sequence[Piece]
    text_pieces: Sequence[Piece]
    keys: tuple[str, ...]


type Bound = Callable[[tuple[Any, ...]], bytes]
type Context = Callable[[Recipient, str], Mapping[str, Any]]


class CompiledMail:
    """Splices mails. One object serves one thread."""

    def __init__(self, origin: Origin, parts: Parts, context: Context) -> None:
        self._origin = origin
        self._parts = parts
        self._context = context
        self._places = {key: number for number, key in enumerate(parts.keys)}
        self._pieces: list[bytes] = []
        self._tokens: list[int] = []
        self._raw_tokens: list[int] = []
        self._simple: list[tuple[int, Bound]] = []
        self._complex_html: list[tuple[int, int]] = []
        self._complex_text: list[tuple[int, int]] = []
        self._subject = _SubjectSlot(parts.subject, self._places, origin.kind)
        self._memory: dict[tuple[Any, ...], list[tuple[int, bytes]]] = {}
        self._depends = self._dependencies()
        self._lay_out()

    def _dependencies(self) -> tuple[int, ...] | None:
        """Return the places of the values that complex slots read: people with equal ones get equal texts.

        Measured: a condition on a town costs two calls of Liquid, 75 µs, for the first person of each town only.
        """
        keys = self._parts.html.depends() | self._parts.text.depends()
        if self._subject.needs_context or not keys <= self._places.keys():
            return None
        return tuple(sorted(self._places[key] for key in keys))

    def _lay_out(self) -> None:
        self._pieces += [b"", b"", b""]  # date, to, subject: filled per mail
        self._headers()
        head, text_to_html, tail = skeleton(self._origin)
        self._pieces.append(head)
        self._part(self._parts.text_pieces, self._complex_text, text_value)
        self._pieces.append(b"\r\n" + text_to_html)
        self._part(self._parts.html_pieces, self._complex_html, html_value)
        self._pieces.append(b"\r\n" + tail)

    def _headers(self) -> None:
        lines = [f"Message-ID: {message_id(MARK, self._origin.email)}"]
        if self._origin.advertising:
            lines += list_lines(self._origin.sender_id, self._origin.email)
        if self._origin.automatic:
            lines.append("Auto-Submitted: auto-generated")
        for number, segment in enumerate("".join(f"{line}\r\n" for line in lines).split(MARK)):
            if number:
                self._raw_tokens.append(len(self._pieces))
                self._pieces.append(b"")
            self._pieces.append(segment.encode("ascii"))

    def _part(self, pieces: Sequence[Piece], outputs: list[tuple[int, int]], encode: Callable[[str], bytes]) -> None:
        for piece in pieces:
            if isinstance(piece, Static):
                self._static(piece.text)
                continue
            if isinstance(piece, Simple):
                self._simple.append((len(self._pieces), _bound(piece, self._places, encode)))
            else:
                outputs.append((len(self._pieces), piece.index))
            self._pieces.append(b"")

    def _static(self, text: str) -> None:
        for number, segment in enumerate(text.split(MARK)):
            if number:
                self._tokens.append(len(self._pieces))
                self._pieces.append(b"")
            self._pieces.append(static_piece(segment))

    def render(self, recipient: Recipient, token: str, now: datetime) -> bytes:
        """Return the whole mail, ready for the wire (CRLF, no line begins with a dot). Raises LiquidError."""
        return self.splice(recipient, token, date_line(now))

    def splice(self, recipient: Recipient, token: str, date: bytes) -> bytes:
        """Like `render`, with the Date line made by the caller once for many mails."""
        out = self._pieces.copy()
        raw = token.encode()
        for place in self._raw_tokens:
            out[place] = raw
        quoted = raw + SOFT
        for place in self._tokens:
            out[place] = quoted
        for place, bound in self._simple:
            out[place] = bound(recipient.values)
        context = self._fill_complex(out, recipient, token)
        out[0] = date + b"\r\n"
        out[1] = b"To: " + recipient.email.encode("ascii") + b"\r\n"
        out[2] = self._subject.line(recipient.values, context) + b"\r\n"
        return b"".join(out)

    def _fill_complex(self, out: list[bytes], recipient: Recipient, token: str) -> Mapping[str, Any]:
        if not (self._complex_html or self._complex_text or self._subject.needs_context):
            return {}
        key = self._memory_key(recipient)
        known = self._memory.get(key) if key is not None else None
        if known is None:
            context = self._context(recipient, token)
            known = self._outputs(context)
            self._remember(key, known)
        else:
            context = {}
        for place, encoded in known:
            out[place] = encoded
        return context

    def _outputs(self, context: Mapping[str, Any]) -> list[tuple[int, bytes]]:
        """Render the complex slots of both parts; return their places with the encoded text."""
        found = []
        for cut, places in ((self._parts.html, self._complex_html), (self._parts.text, self._complex_text)):
            if places:
                outputs = cut.outputs(context)
                found += [(place, text_value(outputs[index]) if outputs[index] else b"") for place, index in places]
        return found

    def _memory_key(self, recipient: Recipient) -> tuple[Any, ...] | None:
        """Return what the complex slots depend on; None where they name a link of the person or hold a list."""
        if self._depends is None:
            return None
        key = (recipient.time_zone, *(recipient.values[place] for place in self._depends))
        return None if any(value.__class__ is list for value in key) else key

    def _remember(self, key: tuple[Any, ...] | None, outputs: list[tuple[int, bytes]]) -> None:
        if key is not None:
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            self._memory[key] = outputs

    def subject(self, recipient: Recipient, token: str) -> str:
        """Return the subject as a person reads it."""
        return self._subject.text(recipient.values, self._context(recipient, token))


class _SubjectSlot:
    """The Subject line. Static words are encoded once and values by the cache; joined words read as one text."""

    def __init__(self, cut: Cut, places: Mapping[str, int], kind: str) -> None:
        self._cut = cut
        self._places = places
        self._kind = kind
        self.needs_context = cut.together is not None
        statics = [one_line(piece.text) for piece in cut.pieces if isinstance(piece, Static)]
        self._whole = subject_line(marked("".join(statics), kind)) if len(statics) == len(cut.pieces) else b""
        self._words = {text: encoded_words(text) for text in self._static_texts()}

    def _static_texts(self) -> list[str]:
        texts = [piece.text for piece in self._cut.pieces if isinstance(piece, Static)]
        return [*texts, marked("", self._kind)] if self._kind == MailKind.ADVERTISING else texts

    def line(self, values: tuple[Any, ...], context: Mapping[str, Any]) -> bytes:
        """Return the header line of one person."""
        if self._whole:
            return self._whole
        texts = [marked("", self._kind), *self._texts(values, context)]
        joined = "".join(texts)
        if joined.isascii() or not is_one_line(joined):
            return subject_line(joined)
        words = [self._words.get(text) or encoded_words(text) for text in texts if text]
        return b"Subject: " + b"\r\n ".join(words)

    def text(self, values: tuple[Any, ...], context: Mapping[str, Any]) -> str:
        """Return the subject of one person as text."""
        return one_line(marked("".join(self._texts(values, context)), self._kind))

    def _texts(self, values: tuple[Any, ...], context: Mapping[str, Any]) -> list[str]:
        outputs = self._cut.outputs(context) if self.needs_context else []
        return [self._text(piece, values, outputs) for piece in self._cut.pieces]

    def _text(self, piece: Piece, values: tuple[Any, ...], outputs: list[str]) -> str:
        if isinstance(piece, Static):
            return piece.text
        if isinstance(piece, Complex):
            return outputs[piece.index]
        value = values[self._places[piece.key]]
        return clean(_plain(value, piece.otherwise))


def _plain(value: Any, otherwise: str) -> str:
    """Return a value as Liquid writes it, `otherwise` where Liquid's default filter would put it."""
    if isinstance(value, str):
        return value or otherwise
    if otherwise and (value is None or value is False or value == []):
        return otherwise
    return to_liquid_string(value, autoescape=False)


def _bound(piece: Simple, places: Mapping[str, int], encode: Callable[[str], bytes]) -> Bound:
    place = places[piece.key]
    missing = text_value(piece.otherwise) if piece.otherwise else b""
    fallback = piece.otherwise

    def bound(values: tuple[Any, ...]) -> bytes:
        value = values[place]
        if value.__class__ is str:
            return encode(value) if value else missing
        if value is None or (fallback and (value is False or value == [])):
            return missing
        return encode(to_liquid_string(value, autoescape=False))

    return bound
