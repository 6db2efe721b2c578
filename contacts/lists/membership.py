"""Who is on a list and who wears a tag, in sets. Called by pages; imports have their own set statements."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.ledger.append import NewEvent, append
from contacts.lists.fixed import clean_name
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from crm.team.models import User

_JOIN = """
INSERT INTO contacts_listmember (fixed_list_id, contact_id, at)
SELECT %s, c.id, %s FROM contacts_contact c WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL ORDER BY c.id
ON CONFLICT DO NOTHING RETURNING contact_id
"""
_WEAR = """
INSERT INTO contacts_contacttag (tag_id, contact_id, at)
SELECT %s, c.id, %s FROM contacts_contact c WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL ORDER BY c.id
ON CONFLICT DO NOTHING RETURNING contact_id
"""


@transaction.atomic
def add(fixed_list: FixedList, contact_ids: Collection[int], *, by: User | None, now: datetime) -> int:
    """Put these people on the list and return how many were not on it before. A repeat is harmless."""
    joined = _returned(_JOIN, [fixed_list.pk, now, list(contact_ids)])
    _tell("list.joined", joined, ("list", fixed_list), by=by, now=now)
    return len(joined)


@transaction.atomic
def remove(fixed_list: FixedList, contact_ids: Collection[int], *, by: User | None, now: datetime) -> int:
    """Take these people off the list and return how many were on it. A repeat is harmless."""
    members = ListMember.objects.filter(fixed_list=fixed_list, contact__in=contact_ids)
    gone = sorted(members.select_for_update().values_list("contact_id", flat=True))
    members.filter(contact__in=gone).delete()
    _tell("list.left", gone, ("list", fixed_list), by=by, now=now)
    return len(gone)


def tag_named(name: str) -> Tag:
    """Return the tag of that name, made when there is none. Raises Invalid."""
    clean = clean_name(name, 60)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO contacts_tag (name) VALUES (%s) ON CONFLICT DO NOTHING", [clean])
    return Tag.objects.get(name__iexact=clean)


@transaction.atomic
def tag(label: Tag, contact_ids: Collection[int], *, by: User | None, now: datetime) -> int:
    """Tag these people and return how many did not wear the tag. A repeat is harmless."""
    tagged = _returned(_WEAR, [label.pk, now, list(contact_ids)])
    _tell("tag.added", tagged, ("tag", label), by=by, now=now)
    return len(tagged)


@transaction.atomic
def untag(label: Tag, contact_ids: Collection[int], *, by: User | None, now: datetime) -> int:
    """Take the tag from these people and return how many wore it. A repeat is harmless."""
    links = ContactTag.objects.filter(tag=label, contact__in=contact_ids)
    gone = sorted(links.select_for_update().values_list("contact_id", flat=True))
    links.filter(contact__in=gone).delete()
    _tell("tag.removed", gone, ("tag", label), by=by, now=now)
    return len(gone)


def _returned(statement: str, parameters: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return sorted(number for (number,) in cursor.fetchall())


def _tell(
    kind: str, people: Iterable[int], what: tuple[str, FixedList | Tag], *, by: User | None, now: datetime
) -> None:
    noun, row = what
    facts = {"name": row.name} | ({"by": by.pk} if by else {})
    subject = (noun, str(row.pk))
    events = [NewEvent(person, kind, now, subject=subject, properties=facts) for person in people]
    append(events, source="people", now=now)
