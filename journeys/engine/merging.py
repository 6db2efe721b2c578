"""What becomes of people on their way when two become one: the one who stays goes on with the ways of both.

Where both are inside the same journey (for the same object), the one who is inside longer goes on; the other's
enrolment ends. Right after, when the merge is followed, she is looked at anew: the other's events count for her now.
"""

from typing import Any

from django.db import connection

from contacts.identity.handlers import MergeHandler

_OPEN = """
SELECT id, contact_id, journey_id, key FROM journeys_enrolment
WHERE contact_id = ANY(%s) AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE
"""
# Of two, the one who came in later.
_DOUBLE = """
SELECT (CASE WHEN (a.entered_at, a.id) <= (b.entered_at, b.id) THEN b.id ELSE a.id END)
FROM journeys_enrolment a JOIN journeys_enrolment b ON b.journey_id = a.journey_id AND b.key = a.key
WHERE a.contact_id = %s AND b.contact_id = %s AND a.ended_at IS NULL AND b.ended_at IS NULL
"""
_END = """
UPDATE journeys_enrolment SET ended_at = arrived_at, "end" = 'merged', due_at = NULL WHERE id = ANY(%s)
"""
_MOVE = """
WITH moved AS (
    UPDATE journeys_enrolment SET contact_id = %s WHERE contact_id = %s RETURNING id
),
traced AS (UPDATE journeys_trace t SET contact_id = %s FROM moved m WHERE t.enrolment_id = m.id)
SELECT id FROM moved ORDER BY id
"""
_MOVE_BACK = """
WITH moved AS (
    UPDATE journeys_enrolment SET contact_id = %s WHERE id = ANY(%s) AND contact_id = %s RETURNING id
)
UPDATE journeys_trace t SET contact_id = %s FROM moved m WHERE t.enrolment_id = m.id
"""
_REOPEN = """
UPDATE journeys_enrolment e SET ended_at = NULL, "end" = '', due_at = arrived_at
WHERE e.id = ANY(%s) AND e."end" = 'merged' AND NOT EXISTS (
    SELECT FROM journeys_enrolment o WHERE o.contact_id = e.contact_id AND o.journey_id = e.journey_id
    AND o.key = e.key AND o.ended_at IS NULL
)
"""


def _move(winner_id: int, loser_id: int) -> dict[str, list[int]]:
    _run(_OPEN, [[winner_id, loser_id]])
    ended = [number for (number,) in _run(_DOUBLE, [winner_id, loser_id])]
    _run(_END, [ended])
    moved = [number for (number,) in _run(_MOVE, [winner_id, loser_id, winner_id])]
    return {"moved": moved, "ended": ended}


def _undo(winner_id: int, loser_id: int, moved: Any) -> None:
    _run(_MOVE_BACK, [loser_id, moved["moved"], winner_id, loser_id])
    _run(_REOPEN, [moved["ended"]])


def _run(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall()) if cursor.description else []


ENROLMENTS = MergeHandler("enrolments", _move, _undo)
