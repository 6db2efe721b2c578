"""Who looks after whom."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from crm.team.models import User


@transaction.atomic
def assign(contact_ids: Collection[int], owner: User | None, *, by: User, now: datetime) -> int:
    """Give these people to `owner` (None: to nobody) and return how many changed hands. A repeat is harmless."""
    people = Contact.objects.live().filter(pk__in=contact_ids).exclude(owner=owner)
    moved = dict(people.select_for_update().order_by("pk").values_list("pk", "owner_id"))
    Contact.objects.filter(pk__in=moved).update(owner=owner, updated_at=now, version=F("version") + 1)
    append(
        [
            NewEvent(
                contact_id,
                "owner.changed",
                now,
                subject=("user", str(owner.pk)) if owner else None,
                properties={"owner": owner.name if owner else "", "from": before, "by": by.pk},
            )
            for contact_id, before in moved.items()
        ],
        source="people",
        now=now,
    )
    return len(moved)
