"""Where the rules of the stage model in use want people to stand, and moving them there, in sets.

A person belongs to the stage of the highest priority among those whose entry rule holds and whose exit rule does not;
she is not moved back unless that stage takes people back, nor before the shortest stay at her own is over. When no
such stage is found and the exit rule of her own holds, she goes on. After a move by hand only what began to hold
since counts: the hand wins until a rule says otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.ledger.append import append
from contacts.stages.models import Stage
from contacts.stages.moving import Move

# `holding` looks up the few open memberships of each person by the index on (contact_id) of open ones.
WANTED = """
WITH rules AS (
    SELECT s.id AS stage_id, s.position, r.priority, r.moves_back, r.entry_segment_id AS entry_id,
        r.exit_segment_id AS exit_id, r.minimum_days,
        coalesce(r.exit_to_id, lead(s.id) OVER (ORDER BY s.position)) AS exit_to
    FROM contacts_stage s JOIN contacts_stagemodel m ON m.id = s.model_id AND m.in_use
    LEFT JOIN contacts_stagerule r ON r.stage_id = s.id
),
people AS (
    SELECT c.id, c.stage_id, c.stage_since, c.stage_by_hand, s.position, own.exit_id, own.exit_to
    FROM contacts_contact c
    LEFT JOIN contacts_stage s ON s.id = c.stage_id
    LEFT JOIN rules own ON own.stage_id = c.stage_id
    WHERE {people} AND c.merged_into_id IS NULL
      AND (c.stage_id IS NULL OR own.stage_id IS NOT NULL)
      AND (coalesce(own.minimum_days, 0) = 0 OR c.stage_since <= %s - make_interval(days => own.minimum_days))
),
holding AS ({holding}),
wanted AS (
    SELECT p.id, r.stage_id, r.entry_id AS segment_id, r.priority, r.position
    FROM people p JOIN holding h ON h.contact_id = p.id JOIN rules r ON r.entry_id = h.segment_id
    WHERE (NOT p.stage_by_hand OR h.entered_at > p.stage_since)
      AND (p.position IS NULL OR r.position >= p.position OR r.moves_back)
      AND NOT EXISTS (SELECT FROM holding o WHERE o.contact_id = p.id AND o.segment_id = r.exit_id)
    UNION ALL
    SELECT p.id, p.exit_to, p.exit_id, NULL, -1
    FROM people p JOIN holding h ON h.contact_id = p.id AND h.segment_id = p.exit_id
    WHERE p.exit_to IS NOT NULL AND (NOT p.stage_by_hand OR h.entered_at > p.stage_since)
),
best AS (
    SELECT DISTINCT ON (id) id, stage_id, segment_id FROM wanted ORDER BY id, priority DESC NULLS LAST, position DESC
),
moves AS (
    SELECT b.id, p.stage_id AS from_id, b.stage_id AS to_id, b.segment_id
    FROM best b JOIN people p USING (id) WHERE b.stage_id IS DISTINCT FROM p.stage_id
)
"""
HOLDING = """
SELECT m.contact_id, m.segment_id, m.entered_at FROM people p
JOIN contacts_membership m ON m.contact_id = p.id AND m.left_at IS NULL
WHERE m.segment_id IN (SELECT entry_id FROM rules UNION ALL SELECT exit_id FROM rules)
"""
_MOVE = """
, moved AS (
    UPDATE contacts_contact c
    SET stage_id = m.to_id, stage_since = %s, stage_by_hand = false, updated_at = %s, version = version + 1
    FROM moves m WHERE c.id = m.id AND c.stage_id IS NOT DISTINCT FROM m.from_id
    RETURNING c.id, m.from_id, m.to_id, m.segment_id
)
SELECT id, from_id, to_id, segment_id FROM moved ORDER BY id
"""
_LOCK = "SELECT FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def judge(
    people: str, params: Sequence[Any], *, now: datetime, causes: dict[tuple[int, int], int] | None = None
) -> int:
    """Move those of `people` (a condition over contacts_contact c) whom the rules want elsewhere; return how many.

    Every move is a stage.entered event with the rule; `causes` gives the event behind it by (contact, segment). A
    repeat is harmless. Runs in the caller's transaction, else in its own.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        wanted = WANTED.format(people=people, holding=HOLDING)
        cursor.execute(f"{wanted} SELECT id FROM moves", [*params, now])  # noqa: S608 - constants
        found = [number for (number,) in cursor.fetchall()]
        if not found:
            return 0
        cursor.execute(_LOCK, [found])
        again = WANTED.format(people="c.id = ANY(%s)", holding=HOLDING)
        cursor.execute(again + _MOVE, [found, now, now, now])
        moved = cursor.fetchall()
        _tell(moved, now, causes or {})
        return len(moved)


def _tell(moved: Sequence[tuple[int, int | None, int, int]], now: datetime, causes: dict[tuple[int, int], int]) -> None:
    stages = {stage.pk: stage for stage in Stage.objects.all()}
    keys: dict[int | None, str] = {stage.pk: stage.key for stage in stages.values()}
    events = [
        Move(contact, stages[new], old, keys.get(old)).event(
            now, {"cause": "rule", "rule": segment}, cause=causes.get((contact, segment))
        )
        for contact, old, new, segment in moved
    ]
    append(events, source="stages", now=now)
