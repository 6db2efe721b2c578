"""Sorting people by an attribute: asked for on its page; an index bears it, which a worker makes and drops.

The list sorts by an attribute once its index stands (`sort_ready_at`), and its order is that of the index.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from contacts.attributes.models import Attribute, AttributeType, Target
from contacts.errors import Invalid
from contacts.people.generated import SortKey
from contacts.people.models import Contact
from crm.kit.wake import wake_once_committed

TASK = "contacts.attributes.work"
MOST = 8  # attributes with an order: each index is written by every change of a person's attributes
BY_WORDS = (AttributeType.TEXT, AttributeType.CHOICE)
TYPES = (*BY_WORDS, AttributeType.NUMBER, AttributeType.MONEY, AttributeType.DATE, AttributeType.DATETIME,
         AttributeType.BOOLEAN)  # fmt: skip
LETTERS = 100  # of a text that count: an entry of an index is small
_PREFIX = "contact_by_attribute_"
_THERE = """
SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'contacts_contact'::regclass AND starts_with(c.relname, %s)
"""
_LOCK = 7_105_001  # of one worker at a time


def value_of(attribute: Attribute) -> models.Expression:
    """Return the expression people are sorted by: words as a reader expects them, numbers and times as they are."""
    if attribute.type in BY_WORDS:
        return SortKey(Left(KeyTextTransform(attribute.key, "attributes"), LETTERS))
    return KeyTransform(attribute.key, "attributes")


def having(attribute: Attribute) -> Q:
    """Return the condition for people who have a value."""
    return Q(attributes__has_key=attribute.key)


def ask(attribute: Attribute, *, now: datetime) -> None:
    """Have people sorted by it as soon as a worker has made its index; a repeat is harmless. Raises Invalid."""
    if attribute.target != Target.CONTACT or attribute.type not in TYPES:
        raise Invalid({"sort": _("People cannot be put in order by this.")})
    if Attribute.objects.sorting().exclude(pk=attribute.pk).count() >= MOST:
        text = _("People are sorted by at most %(limit)d attributes. Take another one out first.")
        raise Invalid({"sort": text % {"limit": MOST}})
    Attribute.objects.filter(pk=attribute.pk, sort_asked_at=None).update(sort_asked_at=now)
    wake_once_committed(TASK)


def give_up(attribute: Attribute) -> None:
    """Sort by it no more; a worker drops the index. A repeat is harmless."""
    Attribute.objects.filter(pk=attribute.pk).update(sort_asked_at=None, sort_ready_at=None)
    wake_once_committed(TASK)


def is_waiting() -> bool:
    """Tell whether an index is to be made or dropped, as far as the attributes say."""
    asked = Q(sort_asked_at__isnull=False, retired_at=None)
    return Attribute.objects.filter(asked & Q(sort_ready_at=None) | ~asked & Q(sort_ready_at__isnull=False)).exists()


def arrange(now: datetime, *, concurrently: bool = True) -> None:
    """Make the indexes that are asked for and drop the others, beside all other work; harmless to repeat.

    Called outside transactions, else with `concurrently` False. Does nothing while another worker is at it.
    """
    with _alone() as alone:
        if not alone:
            return
        wanted = {_name(row): row for row in Attribute.objects.sorting()}
        others = Attribute.objects.exclude(pk__in=[row.pk for row in wanted.values()])
        others.exclude(sort_ready_at=None).update(sort_ready_at=None)
        there = _there()
        for name, valid in there.items():
            if name not in wanted or not valid:
                _drop(name, concurrently)
        for name, row in wanted.items():
            if not there.get(name):
                _make(name, row, concurrently)
            Attribute.objects.filter(pk=row.pk, sort_ready_at=None).update(sort_ready_at=now)


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _name(attribute: Attribute) -> str:
    return f"{_PREFIX}{attribute.pk}"


def _there() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [_PREFIX])
        return dict(cursor.fetchall())


def _drop(name: str, concurrently: bool) -> None:
    beside = "CONCURRENTLY " if concurrently else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {beside}IF EXISTS {connection.ops.quote_name(name)}")


def _make(name: str, attribute: Attribute, concurrently: bool) -> None:
    index = models.Index(value_of(attribute), F("id"), name=name, condition=having(attribute))
    editor: Any
    with connection.schema_editor(atomic=False) as editor:
        editor.add_index(Contact, index, concurrently=concurrently)
