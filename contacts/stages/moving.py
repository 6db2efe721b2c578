"""Moving people between stages by hand, and the event of every move, with its time and its cause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from contacts.stages.models import Stage
from crm.team.models import User

BY_HAND = "person"  # the cause of a move that a person made; rules respect it until one says otherwise


@dataclass(frozen=True)
class Move:
    """One person goes to `to`; `from_id` and `from_key` are the stage she leaves, None for no stage."""

    contact_id: int
    to: Stage
    from_id: int | None
    from_key: str | None

    def event(self, now: datetime, why: dict[str, Any], *, cause: int | None = None) -> NewEvent:
        """Return its event with the facts of `why`; `cause` is the event that led to it."""
        to = {"to": self.to.key, "to_id": self.to.pk, "name": self.to.name, "name_ko": self.to.name_ko}
        facts = to | {"from": self.from_key, "from_id": self.from_id} | why
        subject = ("stage", str(self.to.pk))
        return NewEvent(self.contact_id, "stage.entered", now, subject=subject, properties=facts, cause=cause)


@transaction.atomic
def move(contact_ids: Collection[int], stage: Stage, *, cause: str, by: User | None, now: datetime) -> int:
    """Move these people to `stage` and return how many stood elsewhere. A repeat is harmless.

    `cause` is a short word of why: BY_HAND for a move by a person, "model" when the stage model was changed.
    """
    people = Contact.objects.live().filter(pk__in=contact_ids).exclude(stage=stage)
    rows = people.select_for_update(of=("self",)).order_by("pk").values_list("pk", "stage__key", "stage_id")
    moved = list(rows)
    Contact.objects.filter(pk__in=[row[0] for row in moved]).update(
        stage=stage,
        stage_since=now,
        stage_by_hand=by is not None and cause == BY_HAND,
        updated_at=now,
        version=F("version") + 1,
    )
    why = {"cause": cause} | ({"by": by.pk} if by else {})
    events = [Move(contact_id, stage, from_id, from_key).event(now, why) for contact_id, from_key, from_id in moved]
    append(events, source="people", now=now)
    return len(moved)
