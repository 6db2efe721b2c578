"""Names of countries and languages in the reader's language. Used by forms, pages and the values of rules."""

from functools import cache

from babel import Locale
from django.utils.translation import get_language

USUAL = ("KR", "US", "JP", "CN", "SG", "GB", "DE")  # offered first


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _reader() -> Locale:
    return _locale((get_language() or "en").split("-")[0])


def country_name(code: str) -> str:
    """Return the name of a country by its two letters (ISO 3166); what is none stands for itself."""
    return str(_reader().territories.get(code, code))


def language_name(code: str) -> str:
    """Return the name of a language by its code (ko, en-GB); what is none stands for itself."""
    return str(_reader().languages.get(code) or _reader().languages.get(code.split("-", maxsplit=1)[0], code))


def country_choices() -> list[tuple[str, str]]:
    """Return all countries for a form: none, the usual ones, then the others by name."""
    others = [
        (code, name)
        for code, name in _reader().territories.items()
        if len(code) == len("KR") and code.isalpha() and code not in (*USUAL, "ZZ", "EU", "EZ", "UN", "XA", "XB", "QO")
    ]
    usual = [(code, country_name(code)) for code in USUAL]
    return [("", "–"), *usual, *sorted(others, key=lambda pair: pair[1])]
