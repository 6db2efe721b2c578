"""Cells of companies: web domain, registration number, owner, days to come, the team's own attributes."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from contacts.attributes import values
from contacts.attributes.models import Attribute
from contacts.imports import cells as read
from contacts.imports.errors import BadCell
from contacts.people.company import BadBusinessNumber, business_number, name_key
from crm.team.models import User

# Cells that are left out, and listed, while their row is taken.
LEFT_OUT = frozenset({"bad_business_number", "unknown_country", "bad_date", "bad_attribute", "unknown_owner"})
_ALL = 100  # percent
_HOST = re.compile(r"(?:https?://)?(?:www\.)?((?:[\w-]{1,63}\.){1,9}[\w-]{2,63})(?:[:/?#].*)?")


def company_key(data: Mapping[str, Any]) -> str:
    """Return by what rows about one company meet."""
    return str(data.get("business_number") or data.get("domain") or "name:" + name_key(data["name"]))


def owners() -> dict[str, int]:
    """Return the colleagues who may own a company, by address and by name; a name of two is left out."""
    found: dict[str, int] = {}
    names: dict[str, list[int]] = {}
    for number, email, name in User.objects.filter(is_active=True).values_list("pk", "email", "name"):
        names.setdefault(name.casefold(), []).append(number)
        found[email.casefold()] = number
    return {name: numbers[0] for name, numbers in names.items() if len(numbers) == 1} | found


def owner(known: Mapping[str, int], cell: str) -> int:
    """Return the number of a colleague, by her address or name. Raises BadCell."""
    if found := known.get(cell.casefold()):
        return found
    raise BadCell("unknown_owner")


def own_attribute(attribute: Attribute, cell: str) -> Any:
    """Return the value of an attribute as it is kept. Raises BadCell."""
    try:
        return values.parse(attribute, cell)
    except values.BadValue as error:
        raise BadCell("bad_attribute") from error


def _domain(cell: str) -> str:
    """Return the host of a web address, without www."""
    found = _HOST.fullmatch(cell.casefold())
    if not found:
        raise BadCell("bad_url")
    return found[1]


def _business_number(cell: str) -> str:
    try:
        return business_number(cell)
    except BadBusinessNumber as error:
        raise BadCell("bad_business_number") from error


def _day(cell: str) -> str:
    """Return a day, also one to come."""
    return read.day(cell, date.max).isoformat()


def _percent(cell: str) -> int:
    number = cell.removesuffix("%").strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and int(number) <= _ALL):
        raise BadCell("bad_amount")
    return int(number)


COMPANY_CELLS: Mapping[str, Callable[[str], Any]] = {
    "domain": _domain, "business_number": _business_number, "country": read.country_code, "day": _day,
    "percent": _percent,
}  # fmt: skip
