"""Custom attributes as fields, looked up by key.

Values are jsonb, validated on write; a cast is guarded all the same, since one bad row would spoil a segment. Equality
goes through @> so that the GIN index serves.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.segments.errors import Wrong
from contacts.segments.rules.expression import Expression
from contacts.segments.rules.fields.choices import Named
from contacts.segments.rules.fields.field import Field, FieldGroup
from contacts.segments.rules.fields.profile import EDITED
from contacts.segments.rules.fields.sources import Own, Source
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.value_type import Type

PREFIX = "attribute."
_TYPES = {
    AttributeType.TEXT: Type.TEXT,
    AttributeType.NUMBER: Type.NUMBER,
    AttributeType.MONEY: Type.MONEY,
    AttributeType.DATE: Type.DATE,
    AttributeType.DATETIME: Type.DATETIME,
    AttributeType.BOOLEAN: Type.BOOLEAN,
    AttributeType.CHOICE: Type.CHOICE,
    AttributeType.CHOICES: Type.ENTRIES,
    AttributeType.LIST: Type.ENTRIES,
}
# How jsonb is cast, once jsonb_typeof is what it must be. Days and milliseconds beyond the calendar count as missing.
_CASTS = {
    Type.NUMBER: ("number", "({v})::numeric"),
    Type.MONEY: ("number", "({v})::numeric"),
    Type.BOOLEAN: ("boolean", "({v})::boolean"),
    Type.DATE: ("number", "CASE WHEN abs(({v})::numeric) < 700000 THEN date '1970-01-01' + ({v})::numeric::int END"),
    Type.DATETIME: (
        "number",
        "CASE WHEN abs(({v})::numeric) < 60000000000000 THEN to_timestamp(({v})::float8 / 1000) END",
    ),
}


def _expression(key: str, type_: Type, column: str) -> Expression:
    def holds(value: Any) -> Sql:
        return Sql(f"{column} @> %s::jsonb", (json.dumps({key: [value] if type_ is Type.ENTRIES else value}),))

    by_index = holds if type_ in (Type.NUMBER, Type.MONEY, Type.BOOLEAN, Type.CHOICE, Type.ENTRIES) else None
    text = Sql(f"{column} ->> %s", (key,))
    if type_ in (Type.TEXT, Type.CHOICE):
        return Expression(compose("nullif({text}, '')", text=text), by_index)
    raw = Sql(f"{column} -> %s", (key,))
    if type_ is Type.ENTRIES:
        filled = "CASE WHEN jsonb_typeof({raw}) = 'array' THEN nullif({raw}, '[]'::jsonb) END"
        x = compose(f"({filled})", raw=raw)
        return Expression(x, by_index, several=True, inside=lambda values: _nothing_but(x, values))
    json_type, cast = _CASTS[type_]
    whole = f"(CASE WHEN jsonb_typeof({{raw}}) = '{json_type}' THEN {cast} END)"
    return Expression(compose(whole, raw=raw, v=text), by_index)


def _nothing_but(x: Sql, values: Collection[Any]) -> Sql:
    return compose("({x} <@ %s::jsonb)", json.dumps(list(values)), x=x)


@dataclass(frozen=True)
class Entries(Own):
    """A jsonb array of the contact or account."""

    def counted(self) -> Own:
        """Return the number of entries as a source of its own."""
        return Own(Expression(compose("coalesce(jsonb_array_length({x}), 0)", x=self.x.sql)))


def of_contact(x: Expression, type_: Type) -> Own:
    """Return the source of an attribute of the person."""
    return Entries(x) if type_ is Type.ENTRIES else Own(x)


_OFFERING = (Type.TEXT, Type.CHOICE, Type.ENTRIES)


@dataclass(frozen=True)
class Offered:
    """The choices of an attribute, if it has any. Others may be asked for all the same: people may have them."""

    choices: tuple[str, ...]
    closed: bool = False

    def labels(self, values: Collection[Any]) -> Mapping[Any, str]:
        """Return the values as they are."""
        return {value: str(value) for value in values}

    def search(self, typed: str, user: Any) -> Any:
        """Return what fits; not counted."""
        return Named({choice: choice for choice in self.choices}).search(typed, user)


@dataclass(frozen=True)
class Home:
    """Where the attributes of people, or of accounts, lie."""

    prefix: str
    column: str
    source: Callable[[Expression, Type], Source]
    group: FieldGroup
    kinds: tuple[str, ...]


OF_CONTACT = Home(PREFIX, "c.attributes", of_contact, FieldGroup.ATTRIBUTES, EDITED)


def field_of(attribute: Attribute, home: Home = OF_CONTACT) -> Field:
    """Return the field of a custom attribute."""
    type_ = _TYPES[AttributeType(attribute.type)]
    source = home.source(_expression(attribute.key, type_, home.column), type_)
    choices = Offered(tuple(attribute.choices)) if type_ in _OFFERING else None
    return Field(f"{home.prefix}{attribute.key}", attribute.label, home.group, type_, source, home.kinds, choices)


def find(key: str) -> Field | None:
    """Return the field of a custom attribute of people by key, None for a key of another kind. Raises Wrong."""
    if not key.startswith(PREFIX):
        return None
    name = key.removeprefix(PREFIX)
    attribute = Attribute.objects.filter(target=Target.CONTACT, key=name).first()
    if attribute is None:
        raise Wrong(_("The field “%(key)s” was deleted.") % {"key": name[:40]}, gone=True)
    return field_of(attribute)


def every() -> list[Field]:
    """Return the fields of all custom attributes of people."""
    return [field_of(attribute) for attribute in Attribute.objects.offered(Target.CONTACT)]
