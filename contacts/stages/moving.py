"""Moving people between stages by hand, and the event of every move, with its time and its cause."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from contacts.ledger.append import NewEvent, append
from contacts.people.models import Contact
from contacts.segments.touching import touch
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


@dataclass(frozen=True)
class Standing:
    """Where somebody stood: the stage (None for none), since when, and whether a person had put her there."""

    stage_id: int | None
    since: datetime | None
    by_hand: bool


_PUT_BACK = """
UPDATE contacts_contact c SET stage_id = b.stage_id, stage_since = b.since, stage_by_hand = b.by_hand,
       updated_at = %s, version = c.version + 1
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::boolean[]) AS b(id, stage_id, since, by_hand)
WHERE c.id = b.id
"""


def _columns(rows: Sequence[Standing]) -> list[list[Any]]:
    return [[row.stage_id for row in rows], [row.since for row in rows], [row.by_hand for row in rows]]


@transaction.atomic
def put_back(before: Mapping[int, Standing], *, by: User, now: datetime) -> list[int]:
    """Let people stand where they stood before a move that is undone, and return whom, in the order of their ids.

    Left out is who stood at a stage that was deleted since. Each return to a stage is an event of cause "undone".
    """
    stages = Stage.objects.in_bulk({each.stage_id for each in before.values() if each.stage_id is not None})
    known = sorted(pk for pk, each in before.items() if each.stage_id is None or each.stage_id in stages)
    people = Contact.objects.filter(pk__in=known).select_for_update(of=("self",)).order_by("pk")
    left = {pk: (stage_id, key) for pk, stage_id, key in people.values_list("pk", "stage_id", "stage__key")}
    rows = [before[pk] for pk in known]
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [now, known, *_columns(rows)])
    why = {"cause": "undone", "by": by.pk}
    moves = [Move(pk, stages[to], *left[pk]) for pk in known if (to := before[pk].stage_id) is not None]
    append([each.event(now, why) for each in moves], source="people", now=now)
    nowhere = [pk for pk in known if before[pk].stage_id is None]
    touch("stage.entered", "SELECT unnest(%s::bigint[])", [nowhere])
    return known
