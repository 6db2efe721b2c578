"""Names of countries and languages in the reader's language. Used by forms, pages and the values of rules."""

import re
from functools import cache, lru_cache

from babel import Locale
from django.utils.translation import get_language

# What people write besides the names in English and Korean, folded.
_ALSO = {
    "한국": "KR", "남한": "KR", "korea": "KR", "republicofkorea": "KR", "korearepublicof": "KR", "rok": "KR",
    "usa": "US", "us": "US", "america": "US", "unitedstatesofamerica": "US", "미국": "US", "uk": "GB",
    "greatbritain": "GB", "england": "GB", "영국": "GB", "중국": "CN", "chinamainland": "CN", "vietnam": "VN",
    "russianfederation": "RU", "hongkong": "HK", "홍콩": "HK", "taiwan": "TW", "대만": "TW", "macau": "MO",
}  # fmt: skip
_THREE = {"KOR": "KR", "USA": "US", "JPN": "JP", "CHN": "CN", "SGP": "SG", "GBR": "GB", "DEU": "DE", "VNM": "VN"}
_SIGNS = re.compile(r"[\W_]+")
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


def _folded(text: str) -> str:
    return _SIGNS.sub("", text.casefold())


@cache
def _codes(what: str) -> dict[str, str]:
    """Return the code of each territory or language by its folded name in English and Korean."""
    found: dict[str, str] = {}
    for language in ("en", "ko"):
        for code, name in getattr(_locale(language), what).items():
            if code.isalpha() and len(code) <= 3:
                found.setdefault(_folded(name), code)
    return found


@lru_cache(2_000)
def country_code(text: str) -> str:
    """Return the two letters of a country by its code or its name in English or Korean, "" for what is none."""
    upper = text.strip().upper()
    if upper in _locale("en").territories and len(upper) == len("KR"):
        return upper
    found = _THREE.get(upper) or _ALSO.get(_folded(text)) or _codes("territories").get(_folded(text), "")
    return found if len(found) == len("KR") else ""


@lru_cache(2_000)
def language_code(text: str) -> str:
    """Return the code of a language ("ko", "en-US") by its code or name in English or Korean, "" for what is none."""
    code, _sign, place = text.strip().replace("_", "-").partition("-")
    if code.casefold() in _locale("en").languages and len(place) in (0, 2):
        return code.casefold() + (f"-{place.upper()}" if place else "")
    return _codes("languages").get(_folded(text), "")


def country_choices() -> list[tuple[str, str]]:
    """Return all countries for a form: none, the usual ones, then the others by name."""
    others = [
        (code, name)
        for code, name in _reader().territories.items()
        if len(code) == len("KR") and code.isalpha() and code not in (*USUAL, "ZZ", "EU", "EZ", "UN", "XA", "XB", "QO")
    ]
    usual = [(code, country_name(code)) for code in USUAL]
    return [("", "–"), *usual, *sorted(others, key=lambda pair: pair[1])]
