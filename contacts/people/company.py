"""Names and numbers of companies, for matching: legal forms dropped, registration numbers checked."""

import re
import unicodedata

_LEGAL_FORMS = re.compile(
    r"\((?:주|유|재|사|합|유한|주식)\)|(?:유한책임회사|유한회사|주식회사|합자회사|합명회사|재단법인|사단법인)"
    r"|[\s,.]+(?:incorporated|inc|ltd|limited|llc|llp|corp|corporation|co|company|plc|gmbh|ag|bv|sa|pte|kk)\b\.?",
)
_SYMBOLS = re.compile(r"[\W_]+")
_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


class BadBusinessNumber(ValueError):
    """The text is no Korean business registration number; `args[0]` says why, in English."""


def name_key(name: str) -> str:
    """Return the name for matching: folded, without legal forms, spaces and signs ("㈜한빛 소프트" → "한빛소프트").

    A name that is nothing but a legal form keeps it, so that the key is never empty for a name with letters.
    """
    # NFKC turns ㈜ into (주).
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    bare = _SYMBOLS.sub("", _LEGAL_FORMS.sub(" ", " " + text))
    return (bare or _SYMBOLS.sub("", text) or text)[:200]


def business_number(raw: str) -> str:
    """Return the ten digits of a business registration number (사업자등록번호). Raises BadBusinessNumber.

    Check digit as the National Tax Service computes it: weights 1 3 7 1 3 7 1 3 5, plus the tens of 5 × the ninth.
    """
    digits = re.sub(r"[\s-]", "", raw)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise BadBusinessNumber("it does not have ten digits")
    numbers = [int(digit) for digit in digits]
    total = sum(number * weight for number, weight in zip(numbers, _WEIGHTS, strict=False)) + numbers[8] * 5 // 10
    if (total + numbers[9]) % 10:
        raise BadBusinessNumber("its check digit is wrong")
    return digits


def shown_business_number(digits: str) -> str:
    """Return the stored digits as they are written: 123-45-67890."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if len(digits) == 10 else digits
