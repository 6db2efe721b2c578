"""The people of a range of records, found by their mailboxes in one query, and made where they are wanted."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from contacts.consent.models import Suppression, SuppressionReason
from contacts.imports.matching import KNOWN
from contacts.imports.models import ImportJob, Kind
from contacts.imports.records.case import Case, Refused
from contacts.ledger.append import NewEvent, append
from contacts.people.address import email_key
from contacts.people.models import Contact

_FOUND = f"""
SELECT s.email_key, known.id FROM unnest(%s::text[], %s::text[]) AS s(email_key, email) {KNOWN}
WHERE known.id IS NOT NULL
"""  # noqa: S608 - KNOWN is a constant


class People:
    """Who is behind the addresses of a range; those whom nobody knows are made by `make`."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._keys = {case.first["email"]: email_key(case.first["email"]) for case in cases}
        emails = {key: email for email, key in reversed(self._keys.items())}
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, [list(emails), list(emails.values())])
            self._ids: dict[str, int] = dict(cursor.fetchall())
        unknown = [key for key in emails if key not in self._ids]
        erased = Suppression.objects.filter(email_key__in=unknown, reason=SuppressionReason.ERASED)
        self._erased = set(erased.values_list("email_key", flat=True))

    def check(self, case: Case, *, makes_people: bool) -> None:
        """Raise Refused when nobody has the address and nobody may be made of it."""
        key = self._keys[case.first["email"]]
        if key in self._ids:
            return
        if not makes_people:
            raise Refused("unknown_person", case.first["email"])
        if key in self._erased:
            raise Refused("erased")

    def make(self, cases: Iterable[Case], job: ImportJob, now: datetime) -> list[int]:
        """Make whoever of these is unknown, without consent, and return their ids. Raises IntegrityError."""
        missing: dict[str, Contact] = {}
        for case in cases:
            email = case.first["email"]
            if (key := self._keys[email]) not in self._ids and key not in missing:
                name = case.first.get("name", "") if job.kind == Kind.ORDERS else ""
                missing[key] = Contact(
                    email=email, email_key=key, name=name, source="import", created_at=now, updated_at=now
                )
        made = Contact.objects.bulk_create(missing.values())
        self._ids |= {contact.email_key: contact.pk for contact in made}
        subject = ("import", str(job.pk))
        told = [NewEvent(contact.pk, "contact.created", now, subject=subject) for contact in made]
        append(told, source="import", now=now)
        return [contact.pk for contact in made]

    def id_of(self, case: Case) -> int:
        """Return who is behind the record's address, after `make`."""
        return self._ids[self._keys[case.first["email"]]]
