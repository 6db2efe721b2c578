"""Moving people between stages by hand; every move is kept with its time and its cause."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from contacts.stages.models import Stage
from crm.team.models import User

BY_HAND = "person"  # the cause of a move that a person made; rules respect it until one says otherwise


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
    to = {"to": stage.key, "to_id": stage.pk, "name": stage.name, "name_ko": stage.name_ko, "cause": cause}
    append(
        [
            NewEvent(
                contact_id,
                "stage.entered",
                now,
                subject=("stage", str(stage.pk)),
                properties=to | {"from": from_key, "from_id": from_id} | ({"by": by.pk} if by else {}),
            )
            for contact_id, from_key, from_id in moved
        ],
        source="people",
        now=now,
    )
    return len(moved)
