"""Values of custom attributes as JSON has them: from a body to what is stored, and back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.attributes.values import MOST_ENTRIES, checked
from contacts.errors import Invalid

_EPOCH = date(1970, 1, 1)
_SEPARATORS = frozenset(",;|\n\r")


def defined(target: Target) -> list[Attribute]:
    """Return the attributes of people or accounts that are not retired."""
    return list(Attribute.objects.offered(target))


def merged(known: Iterable[Attribute], before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored when `given` is written over `before`; null takes an attribute away. Raises Invalid."""
    texts, errors = {}, {}
    for key, value in given.items():
        try:
            texts[key] = _text(value)
        except ValueError as error:
            errors[f"attributes.{key}"] = str(error)
    values, wrong = checked(known, texts)
    errors |= {f"attributes.{key}": text for key, text in wrong.items()}
    if errors:
        raise Invalid(errors)
    kept = {key: value for key, value in before.items() if key not in given}
    return kept | values


def _text(value: Any) -> str:
    """Return a JSON value as the text that a form would send. Raises ValueError."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _listed(value)
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(_("This must be a text, a number, true, false, null, or a list of texts."))


def _listed(value: list[Any]) -> str:
    if len(value) > MOST_ENTRIES or not all(isinstance(entry, str) for entry in value):
        raise ValueError(_("This must be a list of at most %(most)d texts.") % {"most": MOST_ENTRIES})
    if any(_SEPARATORS & set(entry) for entry in value):
        raise ValueError(_("An entry has no comma, semicolon, bar or line break."))
    return "\n".join(value)


def shown(known: Iterable[Attribute], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as JSON says them: dates and times in ISO 8601, the rest as is."""
    types = {attribute.key: attribute.type for attribute in known}
    return {key: _said(types[key], value) for key, value in stored.items() if key in types}


def _said(type_: str, value: Any) -> Any:
    if value is None:
        return None
    if type_ == AttributeType.DATE:
        return (_EPOCH + timedelta(days=value)).isoformat()
    if type_ == AttributeType.DATETIME:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat().replace("+00:00", "Z")
    return value
