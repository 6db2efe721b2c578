"""People of whom only another system's key is known: a browser, a customer's number. Called by the API."""

from datetime import datetime

from django.db import transaction

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.team.models import User


@transaction.atomic
def make(source: str, *, owner: User | None, by: User, now: datetime) -> Contact:
    """Make a contact without name, address or phone and return it; the caller notes the key it is known by."""
    visitor = Contact.objects.create(source=source, owner=owner, created_at=now, updated_at=now)
    facts = {"by": by.pk, "source": source}
    append([NewEvent(visitor.pk, "contact.created", now, properties=facts)], source="people", now=now)
    return visitor
