"""Who is meant: some people under all the numbers and names by which rows may speak of them. Read before each range."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self
from urllib.parse import quote, quote_plus

from django.db import connection

from contacts.people.phone import shown
from contacts.privacy.finder import Finder

_SHORTEST_NAME = 2  # letters; a shorter one is found everywhere
# All records of these people: theirs, and all that went up in them.
_FAMILY = """
WITH RECURSIVE family(id) AS (
    SELECT unnest(%s::bigint[])
    UNION SELECT c.id FROM family f JOIN contacts_contact c ON c.merged_into_id = f.id
)
SELECT f.id, coalesce(c.email, ''), coalesce(c.email_key, ''), coalesce(c.phone, ''), coalesce(c.name, '')
FROM family f LEFT JOIN contacts_contact c ON c.id = f.id ORDER BY f.id
"""
_SMALL = "SELECT lower(text) FROM unnest(%s::text[]) WITH ORDINALITY AS t(text, place) ORDER BY place"
_ROOTS = "SELECT DISTINCT contact_root(c.id) FROM contacts_contact c WHERE c.id = ANY(%s) ORDER BY 1"


@dataclass(frozen=True)
class People:
    """Some people: the ids of all their records, and what they are known by."""

    ids: tuple[int, ...]
    emails: tuple[str, ...] = ()
    email_keys: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    patient: bool = True  # whether what must be over first is waited for
    counted: bool = True  # whether the numbers of mailings, pages and journeys keep them

    @classmethod
    def of(cls, ids: Collection[int]) -> Self:
        """Return the people of these records, with all records that went up in them."""
        with connection.cursor() as cursor:
            cursor.execute(_FAMILY, [list(ids)])
            rows = cursor.fetchall()
        if not rows:
            return cls(())
        numbers, *known = zip(*rows, strict=True)
        emails, keys, phones, names = (tuple(sorted({value for value in column if value})) for column in known)
        return cls(tuple(numbers), emails, keys, phones, names)

    def waiting(self, patient: bool) -> Self:
        """Return the same people, with or without patience."""
        return replace(self, patient=patient)

    @property
    def array(self) -> list[int]:
        """The ids as a parameter of SQL."""
        return list(self.ids)

    @property
    def addresses(self) -> list[str]:
        """Addresses as they may stand in a text, also quoted as in a URL or a form."""
        return sorted({form for email in self.emails for form in (email, quote(email), quote_plus(email))})

    @cached_property
    def mentions(self) -> list[str]:
        """Everything by which a text may speak of them: addresses, phones as kept and as written, longer names."""
        names = [name for name in self.names if len(name) >= _SHORTEST_NAME]
        plain = [*self.phones, *(shown(phone) for phone in self.phones), *names]
        return sorted(
            {*self.addresses, *plain, *(quote(text) for text in plain), *(quote_plus(text) for text in plain)}
        )

    def patterns(self) -> list[str]:
        """Return the mentions as patterns of LIKE for a text in small letters."""
        return self._patterns

    @cached_property
    def _patterns(self) -> list[str]:
        return like(self.mentions)

    @cached_property
    def finder(self) -> Finder:
        """What finds the texts that speak of them."""
        return Finder(small(self.mentions))

    @cached_property
    def address_patterns(self) -> list[str]:
        """The addresses as patterns of LIKE for a text in small letters."""
        return like(self.addresses)


def like(texts: Iterable[str]) -> list[str]:
    """Return patterns of LIKE (a third of ILIKE's time) that find these texts anywhere in a text in small letters."""
    return small(f"%{text.replace('\\', '\\\\').replace('%', '\\%').replace('_', '\\_')}%" for text in texts)


def small(texts: Iterable[str]) -> list[str]:
    """Return these texts in small letters as PostgreSQL writes them: Python writes İ and a last Σ otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(_SMALL, [list(texts)])
        return [text for (text,) in cursor.fetchall()]


def roots(ids: Collection[int]) -> list[int]:
    """Return the living records of these people; ids that are not there are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOTS, [list(ids)])
        return [number for (number,) in cursor.fetchall()]
