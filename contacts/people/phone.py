"""Phone numbers: kept as E.164, shown as people of the country write them. Used by forms, imports and search."""

import re

import phonenumbers

HOME_REGION = "KR"
_SEPARATORS = re.compile(r"[\s().\-/·]+")
_PHONE_QUERY = re.compile(r"\+?[\d\s().\-]{4,}\Z")
# Korean virtual numbers have a four-digit prefix (0502 … 0508), which the library splits after three.
_VIRTUAL = re.compile(r"\+82(50\d)(\d{3,4})(\d{4})\Z")


class BadPhone(ValueError):
    """The text is no phone number; `args[0]` says why, in English, for a log or a refused row."""


def normalise(raw: str, region: str = HOME_REGION) -> str:
    """Return the number as E.164 (+821012345678). A zero lost in a spreadsheet is restored. Raises BadPhone."""
    text = raw.strip()
    digits = _SEPARATORS.sub("", text)
    if not re.fullmatch(r"\+?\d+", digits):
        raise BadPhone("there is something else than digits in it")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise BadPhone("it is not written as a phone number is") from error
    if not phonenumbers.is_valid_number(number):
        raise BadPhone("no such number is given out")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def shown(e164: str, region: str = HOME_REGION) -> str:
    """Return a stored number as it is written at home (010-1234-5678), abroad with its country code."""
    if match := _VIRTUAL.match(e164):
        return "0" + "-".join(match.groups())
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    home = number.country_code == phonenumbers.country_code_for_region(region)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, form))


def query_digits(typed: str) -> str:
    """Return the digits to look for in stored numbers when `typed` looks like (a part of) a phone number, else ""."""
    if not _PHONE_QUERY.match(typed.strip()):
        return ""
    digits = re.sub(r"\D", "", typed)
    return digits.removeprefix("0") if len(digits) >= 4 else ""
