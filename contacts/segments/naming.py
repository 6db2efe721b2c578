"""Names of segments that came with the product: kept in one language, shown in each reader's, until one is renamed.

An app above adds its own by `ship`, when it is set up.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from django.conf import settings
from django.db.models import Case, F, TextField, Value, When
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from contacts.segments.starters import STARTERS

_KEPT_IN = "en"  # the language of the catalogue's own words
_texts: list[Promise] = [text for one in STARTERS.values() for text in (one.name, one.description)]


def ship(texts: Iterable[Promise]) -> None:
    """Add names and descriptions that come with the product."""
    _texts.extend(texts)
    _shipped.cache_clear()


@cache
def _shipped() -> Mapping[str, str]:
    """Return each text as it is kept, by what it is in any language: older rows hold their maker's."""
    return {version: kept for kept, versions in _versions().items() for version in versions}


def _versions() -> dict[str, set[str]]:
    """Return each text in all languages, by how it is kept."""
    with translation.override(_KEPT_IN):
        kept = [str(text) for text in _texts]
    found = {text: {text} for text in kept}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for text, lazy in zip(kept, _texts, strict=True):
                found[text].add(str(lazy))
    return found


def said_with(words: str) -> list[str]:
    """Return the stored names and descriptions that came with the product and hold `words` as the reader says them."""
    return sorted(text for text, kept in _shipped().items() if words.casefold() in gettext(kept).casefold())


def said(text: str) -> str:
    """Return a name or description as the reader says it; what a person wrote is left alone."""
    kept = _shipped().get(text)
    return text if kept is None else gettext(kept)


def kept(text: str) -> str:
    """Return a name or description as it is kept: one that came with the product in one language, whoever saves it."""
    return _shipped().get(text, text)


def as_said(column: str) -> Case:
    """Return a column of names as the reader says them, to sort by."""
    versions = _shipped().items()
    shown = (When(**{column: text}, then=Value(gettext(kept))) for text, kept in versions if gettext(kept) != text)
    return Case(*shown, default=F(column), output_field=TextField())


def names_of(text: Promise) -> list[str]:
    """Return every name under which a segment that came with the product may be stored."""
    with translation.override(_KEPT_IN):
        own = str(text)
    return sorted({own, *(version for version, kept in _shipped().items() if kept == own)})
