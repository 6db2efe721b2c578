"""Adding and changing senders. A changed address must be proved anew."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.senders.models import Sender


@transaction.atomic
def save(sender_id: int | None, values: Mapping[str, Any]) -> tuple[Sender, bool]:
    """Write a sender's cleaned values; return it, and whether its address still has to be proved."""
    before = Sender.objects.select_for_update().get(pk=sender_id) if sender_id else None
    kept = before is not None and before.email == values["email"]
    verified_at = before.verified_at if before is not None and kept else None
    sender = before or Sender()
    for name, value in {**values, "verified_at": verified_at}.items():
        setattr(sender, name, value)
    sender.save()
    return sender, verified_at is None
