"""Names of segments that came with the product: shown in the reader's language as long as nobody renames them."""

from functools import cache

from django.utils import translation
from django.utils.translation import gettext

from contacts.segments.starters import STARTERS


@cache
def _shipped() -> frozenset[str]:
    with translation.override("en"):
        return frozenset(str(text) for one in STARTERS.values() for text in (one.name, one.description))


def said_with(words: str) -> list[str]:
    """Return the stored names and descriptions that came with the product and hold `words` as the reader says them."""
    return sorted(text for text in _shipped() if words.casefold() in gettext(text).casefold())


def said(text: str) -> str:
    """Return a name or description as the reader says it; what a person wrote is left alone."""
    return gettext(text) if text in _shipped() else text
