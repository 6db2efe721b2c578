"""Defining custom attributes. What they hold: values.py."""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from contacts.attributes import sorting
from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.errors import Invalid, NameTaken
from contacts.people.models import Account, Contact
from crm.kit.text import ForbiddenCharacter, clean_line
from crm.kit.wake import wake_once_committed

MOST_VALUES = 20
RANGE = 20_000  # rows changed in one transaction
_WITH_CHOICES = (AttributeType.CHOICE, AttributeType.CHOICES)
_VALUES = """
SELECT value::text, count(*) FROM {table}, LATERAL jsonb_array_elements(
    CASE jsonb_typeof(attributes -> %s) WHEN 'array' THEN attributes -> %s ELSE jsonb_build_array(attributes -> %s) END
) AS each(value)
WHERE attributes ? %s GROUP BY value ORDER BY 2 DESC, 1 LIMIT %s
"""
_REMOVE = """
UPDATE {table} SET attributes = attributes - %s
WHERE id = ANY(ARRAY(SELECT id FROM {table} WHERE attributes ? %s ORDER BY id LIMIT %s))
"""


def key_for(label: str, target: str) -> str:
    """Return a free key for a label: its Latin letters and digits, else "field", numbered when taken."""
    latin = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().casefold()
    base = re.sub(r"[^a-z0-9]+", "_", latin).strip("_")[:30] or "field"
    taken = set(Attribute.objects.filter(target=target, key__startswith=base).values_list("key", flat=True))
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


def _clean(label: str, type_: str, choices: Sequence[str]) -> tuple[str, list[str]]:
    errors = {}
    try:
        label = clean_line(label)
        choices = list(dict.fromkeys(filter(None, (clean_line(choice) for choice in choices))))
    except ForbiddenCharacter as error:
        raise Invalid({"label": _("Line breaks and control characters are not allowed here.")}) from error
    if not 1 <= len(label) <= 80:
        errors["label"] = _("A name has 1 to %(limit)d characters.") % {"limit": 80}
    if type_ in _WITH_CHOICES and not choices:
        errors["choices"] = _("Write at least one choice.")
    if any(len(choice) > 120 or re.search(r"[,;|]", choice) for choice in choices):
        errors["choices"] = _("A choice has at most 120 characters, and no comma, semicolon or bar.")
    if errors:
        raise Invalid(errors)
    return label, list(choices) if type_ in _WITH_CHOICES else []


def define(target: str, label: str, type_: str, choices: Sequence[str] = ()) -> Attribute:
    """Create and return an attribute. Raises Invalid."""
    if target not in Target.values or type_ not in AttributeType.values:
        raise Invalid({"type": _("Choose a type.")})
    label, kept = _clean(label, type_, choices)
    last = Attribute.objects.filter(target=target).aggregate(last=Max("position"))["last"]
    try:
        with transaction.atomic():
            return Attribute.objects.create(
                target=target, key=key_for(label, target), label=label, type=type_, choices=kept,
                position=0 if last is None else last + 1,
            )  # fmt: skip
    except IntegrityError as error:
        raise NameTaken from error


def change(attribute: Attribute, label: str, choices: Sequence[str]) -> Attribute:
    """Change label and choices; type and key stay. Values that are no longer offered are kept. Raises Invalid."""
    attribute.label, attribute.choices = _clean(label, attribute.type, choices)
    attribute.save(update_fields=["label", "choices"])
    return attribute


def retire(attribute: Attribute, *, now: datetime) -> None:
    """Show and ask for it nowhere any more; its values are kept, and rules that name it go on. A repeat is harmless."""
    Attribute.objects.filter(pk=attribute.pk, retired_at=None).update(retired_at=now, sort_ready_at=None)
    wake_once_committed(sorting.TASK)


def bring_back(attribute: Attribute) -> None:
    """Show it again, with the values it had. A repeat is harmless."""
    Attribute.objects.filter(pk=attribute.pk).update(retired_at=None)
    wake_once_committed(sorting.TASK)


def values_in_use(attribute: Attribute) -> list[tuple[Any, int]]:
    """Return the most frequent values as they are stored, entries of lists one by one, and how many have each."""
    model = Contact if attribute.target == Target.CONTACT else Account
    with connection.cursor() as cursor:
        cursor.execute(_VALUES.format(table=model._meta.db_table), [*[attribute.key] * 4, MOST_VALUES])
        return [(json.loads(value), n) for value, n in cursor.fetchall()]


def in_use(attribute: Attribute) -> int:
    """Return how many people or accounts have a value."""
    model = Contact if attribute.target == Target.CONTACT else Account
    return model._base_manager.filter(attributes__has_key=attribute.key).count()


def delete(attribute: Attribute) -> None:
    """Delete the attribute and its values, in ranges; a repeat finishes what was cut short."""
    model = Contact if attribute.target == Target.CONTACT else Account
    statement = _REMOVE.format(table=model._meta.db_table)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [attribute.key, attribute.key, RANGE])
            if cursor.rowcount < RANGE:
                break
    attribute.delete()
    wake_once_committed(sorting.TASK)
