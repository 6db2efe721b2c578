"""Links of a mail: found in its static text, given the campaign's parameters, replaced by tracked addresses.

Links whose address holds a slot are left alone: a target must stand in the Link table before the mail leaves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape, unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings

from campaigns.rendering.slots import Piece, Static
from campaigns.tracking.tokens import HONEYPOT, click_url, open_url

MARK = "\x1f"  # stands for the person's token in static text; no source may hold it (the parser refuses controls)
_HREF = re.compile(r"""(<a\b[^>]*?\shref\s*=\s*)(["'])(https?://[^"'<>\s]+)\2""", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"'()\[\]{}\x1f]+")
_TAIL = ".,;:!?。、…"


class UnknownLink(KeyError):
    """A link of the mail is not in the dispatch's table; the freeze must write all of them first."""


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """Return the address with the parameters it does not have yet; our own pages are left as they are."""
    if not parameters or url.startswith(settings.BASE_URL + "/"):
        return url
    parts = urlsplit(url)
    present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({name: value for name, value in parameters.items() if value and name not in present})
    query = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def found_links(html: Sequence[Piece], text: Sequence[Piece], parameters: Mapping[str, str]) -> list[str]:
    """Return the targets in the order of the mail, each once: the numbers of Link rows begin with 1."""
    found: dict[str, None] = {}

    def note(url: str) -> str:
        found.setdefault(url)
        return url

    replaced(html, text, parameters, note)
    return list(found)


def replaced(
    html: Sequence[Piece], text: Sequence[Piece], parameters: Mapping[str, str], put: Callable[[str], str]
) -> tuple[list[Piece], list[Piece]]:
    """Return both parts with every static link replaced by put(target)."""

    def put_with_parameters(url: str) -> str:
        return url if MARK in url or _ours(url) else put(with_parameters(url, parameters))

    return _in_html(html, put_with_parameters), _in_text(text, put_with_parameters)


def _ours(url: str) -> bool:
    return url.startswith(tuple(f"{settings.BASE_URL}/{path}/" for path in ("u", "v", "p", "t")))


def _in_html(pieces: Sequence[Piece], put: Callable[[str], str]) -> list[Piece]:
    def swap(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}{escape(put(unescape(match[3])))}{match[2]}"

    return [Static(_HREF.sub(swap, piece.text)) if isinstance(piece, Static) else piece for piece in pieces]


def _in_text(pieces: Sequence[Piece], put: Callable[[str], str]) -> list[Piece]:
    out: list[Piece] = []
    for number, piece in enumerate(pieces):
        if isinstance(piece, Static):
            open_end = number + 1 < len(pieces)
            out.append(Static(_swap_bare(piece.text, put, open_end=open_end)))
        else:
            out.append(piece)
    return out


def _swap_bare(text: str, put: Callable[[str], str], *, open_end: bool) -> str:
    def swap(match: re.Match[str]) -> str:
        if open_end and match.end() == len(text):
            return match[0]
        if text[match.end() : match.end() + 1] == MARK:
            return match[0]
        url = match[0].rstrip(_TAIL)
        return put(url) + match[0][len(url) :]

    return _BARE.sub(swap, text)


def tracked_address(numbers: Mapping[str, int]) -> Callable[[str], str]:
    """Return what puts a tracked address (with MARK for the token) in place of a target."""

    def put(url: str) -> str:
        if url not in numbers:
            raise UnknownLink(url)
        return click_url(MARK, numbers[url])

    return put


def with_pixel(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the HTML part with the picture that tells of an opening, and the link that only machines follow."""
    added = (
        f'<a href="{escape(click_url(MARK, HONEYPOT))}" style="display:none" tabindex="-1" aria-hidden="true"></a>'
        f'<img src="{escape(open_url(MARK))}" width="1" height="1" alt="" style="display:block;border:0">'
    )
    out = list(pieces)
    for number in range(len(out) - 1, -1, -1):
        piece = out[number]
        if isinstance(piece, Static) and (place := piece.text.lower().rfind("</body>")) >= 0:
            out[number] = Static(piece.text[:place] + added + piece.text[place:])
            return out
    return [*out, Static(added)]
