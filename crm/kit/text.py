"""Text as it comes in from people and files: normal form, forbidden characters, sort keys, Korean particles."""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


class ForbiddenCharacter(ValueError):
    """The text holds a control character (NUL, CR, escape …) that is refused everywhere."""


def clean_line(raw: str) -> str:
    """Return one line of text in NFC with single spaces. Raises ForbiddenCharacter on CR, LF, NUL and their like."""
    text = unicodedata.normalize("NFC", raw).strip()
    if _CONTROL.search(text) or "\n" in text:
        raise ForbiddenCharacter("line breaks and control characters are not allowed here")
    return _SPACE.sub(" ", text)


def clean_text(raw: str) -> str:
    """Return text of many lines in NFC with \\n line ends. Raises ForbiddenCharacter on NUL and other controls."""
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text):
        raise ForbiddenCharacter("control characters are not allowed here")
    return text


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|")


def neutral(cell: str) -> str:
    """Return a cell so that no spreadsheet takes it for a formula; an import takes the apostrophe off again."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def sort_key(name: str) -> str:
    """Return a key that sorts Hangul first, then the rest, case folded, by code point."""
    folded = unicodedata.normalize("NFC", name).strip().casefold()
    return ("0" if folded and is_hangul(folded[0]) else "1") + folded


def is_hangul(char: str) -> bool:
    """Tell whether `char` is a whole Hangul syllable."""
    return "가" <= char <= "힣"


_DIGIT_HAS_FINAL = {
    "0": True,
    "1": True,
    "2": False,
    "3": True,
    "4": False,
    "5": False,
    "6": True,
    "7": True,
    "8": True,
    "9": False,
}
_RIEUL_DIGITS = {"1", "7", "8"}
_LATIN_FINALS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
_RIEUL = 8


def _final(word: str) -> str | None:
    """Return the final consonant of the last letter: None for none, 'ㄹ' for rieul, another mark for any other."""
    letters = [char for char in word.casefold() if char.isalnum()]
    if not letters:
        return None
    last = letters[-1]
    if is_hangul(last):
        index = (ord(last) - ord("가")) % 28
        return None if index == 0 else ("ㄹ" if index == _RIEUL else "x")
    if last in _DIGIT_HAS_FINAL:
        return ("ㄹ" if last in _RIEUL_DIGITS else "x") if _DIGIT_HAS_FINAL[last] else None
    return _LATIN_FINALS.get(last)


def josa(word: str, pair: str) -> str:
    """Return the particle of `pair` that fits `word`: josa("서울", "은/는") is "은", josa("7", "으로/로") is "로"."""
    with_final, without = pair.split("/")
    final = _final(word)
    if with_final.startswith("으로") and final == "ㄹ":
        return without
    return with_final if final else without
