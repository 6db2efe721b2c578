"""People of whom only another system's key is known: a browser, a customer's number. Called by the API."""

from datetime import datetime

from django.db import transaction

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.team.models import User


@transaction.atomic
def make_several(number: int, source: str, *, owner: User | None, by: User, now: datetime) -> list[Contact]:
    """Make as many contacts without name, address or phone, in two statements, and return them."""
    blank = [Contact(source=source, owner=owner, created_at=now, updated_at=now) for _one in range(number)]
    made = Contact.objects.bulk_create(blank)
    facts = {"by": by.pk, "source": source}
    told = [NewEvent(visitor.pk, "contact.created", now, properties=facts) for visitor in made]
    append(told, source="people", now=now)
    return made


def make(source: str, *, owner: User | None, by: User, now: datetime) -> Contact:
    """Make a contact without name, address or phone and return it; the caller notes the key it is known by."""
    return make_several(1, source, owner=owner, by=by, now=now)[0]
