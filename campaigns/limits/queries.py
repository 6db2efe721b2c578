"""Excluded addresses as a page shows them. Only a keyed hash of each is kept: the address is known by its person."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.consent.models import Suppression
from contacts.people.address import BadAddress, email_key, normalise
from contacts.people.models import Contact
from crm.kit.paging import Page, keyset_page
from crm.team.models import User


@dataclass(frozen=True)
class Excluded:
    """One address that gets nothing; `contact` is None when nobody whom the reader may see has it."""

    held: Suppression
    contact: Contact | None


def excluded_page(user: User, typed: str, cursor: str) -> Page[Excluded]:
    """Return one page of excluded addresses, the latest first; only `typed` when it is given. Raises BadCursor."""
    rows = Suppression.objects.all()
    if typed:
        rows = rows.filter(email_key=_key(typed))
    page = keyset_page(rows, ["-id"], cursor=cursor)
    return Page(_with_people(user, page.rows), page.next_cursor, page.previous_cursor)


def _key(typed: str) -> str:
    """Return the key of an address; one that no mailbox has for what is no address."""
    try:
        return email_key(normalise(typed))
    except BadAddress:
        return ""


def _with_people(user: User, rows: Sequence[Suppression]) -> list[Excluded]:
    people = Contact.objects.visible_to(user).filter(email_key__in=[row.email_key for row in rows])
    by_key = {person.email_key: person for person in people}
    return [Excluded(row, by_key.get(row.email_key)) for row in rows]
