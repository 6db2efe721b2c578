"""Values of custom attributes: read from text, checked, and shown. Used by forms, imports and exports.

Dates are kept as days since 1970-01-01 and times as milliseconds since then (UTC): numbers can be indexed and compared.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute, AttributeType
from crm.kit import figures
from crm.kit.text import ForbiddenCharacter, clean_line

type Value = str | int | float | bool | list[str]

LONGEST_TEXT = 1000
MOST_ENTRIES = 100
_EPOCH = date(1970, 1, 1)
_LOOSE_DATE = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?\Z")
_YES = frozenset({"y", "yes", "true", "t", "1", "o", "on", "예", "네", "참"})
_NO = frozenset({"n", "no", "false", "f", "0", "x", "off", "아니오", "아니요", "거짓"})


class BadValue(ValueError):
    """The text is no value of this type; `args[0]` is a translated sentence."""


def parse(attribute: Attribute, raw: str) -> Value | None:
    """Return the value to store, or None for an empty text (the attribute is then left out). Raises BadValue."""
    try:
        text = "\n".join(clean_line(line) for line in raw.splitlines())
    except ForbiddenCharacter as error:
        raise BadValue(_("Control characters are not allowed here.")) from error
    text = text.strip()
    value = _PARSERS[AttributeType(attribute.type)](attribute, text) if text else None
    return None if value == [] else value  # "," names no entry


def _text(_attribute: Attribute, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise BadValue(_("At most %(limit)d characters, please.") % {"limit": LONGEST_TEXT})
    return text


def _number(_attribute: Attribute, text: str) -> int | float:
    try:
        number = Decimal(re.sub(r"[\s,₩$€%원]", "", text))
    except InvalidOperation as error:
        raise BadValue(_("“%(text)s” is no number.") % {"text": text[:40]}) from error
    if not number.is_finite() or abs(number) >= 10**15 or len(number.normalize().as_tuple().digits) > 15:
        raise BadValue(_("A number has at most 15 digits."))
    return int(number) if number == number.to_integral_value() else float(number)


def _date(_attribute: Attribute, text: str) -> int:
    match = _LOOSE_DATE.match(text)
    try:
        found = date(*(int(part) for part in match.groups())) if match else parse_date(text)
    except ValueError as error:
        raise BadValue(_("“%(text)s” is no date of the calendar.") % {"text": text[:40]}) from error
    if found is None:
        raise BadValue(_("“%(text)s” is no date. Write 2026-11-21.") % {"text": text[:40]})
    return (found - _EPOCH).days


def _datetime(attribute: Attribute, text: str) -> int:
    try:
        found = parse_datetime(text)
    except ValueError as error:
        raise BadValue(_("“%(text)s” is no time of the calendar.") % {"text": text[:40]}) from error
    if found is None:
        midnight = datetime(1970, 1, 1) + timedelta(days=_date(attribute, text))  # noqa: DTZ001 - made aware below
        found = midnight
    aware = found if found.tzinfo else timezone.make_aware(found)
    return math.floor(aware.timestamp() * 1000)


def _boolean(_attribute: Attribute, text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise BadValue(_("“%(text)s” is neither yes nor no.") % {"text": text[:40]})
    return word in _YES


def _choice(attribute: Attribute, text: str) -> str:
    for choice in attribute.choices:
        if choice.casefold() == text.casefold():
            return str(choice)
    raise BadValue(
        _("“%(text)s” is none of: %(choices)s.") % {"text": text[:40], "choices": ", ".join(attribute.choices)}
    )


def _entries(text: str) -> list[str]:
    entries = list(dict.fromkeys(part.strip() for part in re.split(r"[,;\n|]", text) if part.strip()))
    if len(entries) > MOST_ENTRIES:
        raise BadValue(_("At most %(limit)d entries, please.") % {"limit": MOST_ENTRIES})
    return entries


def _choices(attribute: Attribute, text: str) -> list[str]:
    return list(dict.fromkeys(_choice(attribute, entry) for entry in _entries(text)))


def _list(attribute: Attribute, text: str) -> list[str]:
    return [_text(attribute, entry) for entry in _entries(text)]


_PARSERS: dict[AttributeType, Callable[[Attribute, str], Value]] = {
    AttributeType.TEXT: _text,
    AttributeType.NUMBER: _number,
    AttributeType.MONEY: _number,
    AttributeType.DATE: _date,
    AttributeType.DATETIME: _datetime,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.CHOICE: _choice,
    AttributeType.CHOICES: _choices,
    AttributeType.LIST: _list,
}


def as_text(attribute: Attribute, value: Any) -> str:
    """Return a stored value as text that `parse` reads back to the same value; "" for None."""
    if value is None:
        return ""
    if attribute.type == AttributeType.DATE:
        return (_EPOCH + timedelta(days=value)).isoformat()
    if attribute.type == AttributeType.DATETIME:
        return timezone.localtime(datetime.fromtimestamp(value / 1000, UTC)).isoformat(timespec="seconds")
    if attribute.type == AttributeType.BOOLEAN:
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def shown(attribute: Attribute, value: Any) -> str:
    """Return a stored value as the reader expects it in her language and time zone; a dash for None."""
    return "–" if value is None else _SHOWN.get(attribute.type, partial(as_text, attribute))(value)


_SHOWN: dict[str, Callable[[Any], str]] = {
    AttributeType.BOOLEAN: lambda value: _("Yes") if value else _("No"),
    AttributeType.MONEY: lambda value: figures.money(Decimal(str(value))),
    AttributeType.NUMBER: figures.count,
    AttributeType.DATE: lambda value: figures.calendar_day(_EPOCH + timedelta(days=value)),
    AttributeType.DATETIME: lambda value: figures.day_and_time(datetime.fromtimestamp(value / 1000, UTC)),
}


_LIKELY = (AttributeType.BOOLEAN, AttributeType.NUMBER, AttributeType.DATE, AttributeType.DATETIME)


def likely_type(cells: Iterable[str]) -> AttributeType:
    """Return the type that all these cells fit, the narrowest first; text when there is none, or no cell."""
    filled = [cell for cell in cells if cell.strip()]
    for type_ in _LIKELY if filled else ():
        if all(_fits(Attribute(type=type_), cell) for cell in filled):
            return type_
    return AttributeType.TEXT


def _fits(attribute: Attribute, cell: str) -> bool:
    try:
        parse(attribute, cell)
    except BadValue:
        return False
    return True


def checked(attributes: Iterable[Attribute], typed: dict[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """Return (values to store, errors) by attribute key for the texts typed; unknown keys are errors."""
    known = {attribute.key: attribute for attribute in attributes}
    values: dict[str, Value] = {}
    errors = {key: _("There is no attribute “%(key)s”.") % {"key": key} for key in typed if key not in known}
    for key, raw in typed.items():
        if key in errors:
            continue
        try:
            value = parse(known[key], raw)
        except BadValue as error:
            errors[key] = str(error)
        else:
            if value is not None:
                values[key] = value
    return values, errors
