"""Fields by key: those of the program, then custom attributes and scores in further models."""

from django.utils.translation import gettext as _

from contacts.segments.errors import Wrong
from contacts.segments.rules.fields import account, attributes, score
from contacts.segments.rules.fields.field import FIELDS, Field

_FINDERS = (attributes.find, account.find, score.find)
_EVERY = (attributes.every, account.every, score.every)


def field_named(key: str) -> Field:
    """Return a field. Raises Wrong that names the key; `gone` when it was deleted."""
    if key in FIELDS:
        return FIELDS[key]
    for find in _FINDERS:
        if found := find(key):
            return found
    raise Wrong(_("There is no field “%(key)s”.") % {"key": key[:60]})


def all_fields() -> list[Field]:
    """Return every field there is now, what the company added last."""
    return [*FIELDS, *(field for every in _EVERY for field in every())]
