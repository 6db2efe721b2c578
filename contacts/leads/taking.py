"""Taking a lead that nobody has: of two reps who tap at once, one wins."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.team.models import User


@transaction.atomic
def take(contact_id: int, *, by: User, now: datetime) -> bool:
    """Make `by` the owner of a person without one; return False, and change nothing, when somebody was faster."""
    won = (
        Contact.objects.live()
        .filter(pk=contact_id, owner=None)
        .update(owner=by, updated_at=now, version=F("version") + 1)
    )
    if won:
        properties = {"owner": by.name, "from": None, "by": by.pk}
        event = NewEvent(contact_id, "owner.changed", now, subject=("user", str(by.pk)), properties=properties)
        append([event], source="people", now=now)
    return bool(won)
