"""What the tracked addresses answer, prepared once: a picture, a way on, or a reason why not."""

import functools
from collections.abc import MutableMapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

type Message = MutableMapping[str, Any]

# The smallest picture: one transparent pixel, GIF 89a.
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NOT_COMPLETE = b"This link is not complete. Please open it from the mail again.\n"
_QUIET = [(b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex"), (b"referrer-policy", b"no-referrer")]
_TEXT = [*_QUIET, (b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]


class Answer:
    """A whole response: two ASGI messages, and whether the hit that it answers is kept."""

    __slots__ = ("body", "start", "welcome")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
        self.welcome = status < 400
        self.start: Message = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
        self.body: Message = {"type": "http.response.body", "body": body}


def redirect(location: bytes) -> Answer:
    """Return the way on to an address that is safe in a header."""
    return Answer(302, [*_QUIET, (b"location", location)])


@functools.cache
def link_later() -> Answer:
    """Return the page of a link whose target cannot be asked for now, in each language; it tries again by itself."""
    said = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            text = _("The link is on its way. This page tries again by itself every few seconds.")
            said.append({"language": language, "title": _("One moment, please"), "text": text})
    headers = [
        *_QUIET,
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", b"default-src 'none'; style-src 'self'; font-src 'self'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"retry-after", b"5"),
        (b"refresh", b"5"),
    ]
    return Answer(503, headers, render_to_string("campaigns/tracking/later.html", {"said": said}).encode())


NO_BODY: Message = {"type": "http.response.body", "body": b""}
PICTURE = Answer(200, [*_QUIET, (b"content-type", b"image/gif")], PIXEL)
NOTHING = Answer(204, _QUIET)
NOT_FOUND = Answer(404, _TEXT, NOT_COMPLETE)
WRONG_METHOD = Answer(405, [*_TEXT, (b"allow", b"GET, HEAD")], b"Only GET and HEAD are answered here.\n")
LATER = Answer(503, [*_TEXT, (b"retry-after", b"5")], b"Please try again in a few seconds.\n")
