"""What becomes of memberships when two people become one: the one who stays is in all segments either was in.

Whether she still fits is looked at right after, when the merge is followed. Nobody is told that somebody entered.
"""

from typing import Any

from django.db import connection

from contacts.identity.handlers import MergeHandler

# Whoever changes members holds the segment's row first.
_LOCK = """
SELECT s.id FROM contacts_segment s WHERE s.id IN (
    SELECT m.segment_id FROM contacts_membership m WHERE m.left_at IS NULL AND m.contact_id = ANY(%s)
) ORDER BY s.id FOR NO KEY UPDATE
"""
_TAKE_OVER = """
INSERT INTO contacts_membership (segment_id, contact_id, entered_at)
SELECT m.segment_id, %s, m.entered_at FROM contacts_membership m WHERE m.contact_id = %s AND m.left_at IS NULL
ORDER BY m.segment_id
ON CONFLICT (segment_id, contact_id) WHERE left_at IS NULL DO NOTHING RETURNING id, segment_id
"""
# An empty stay: it counts for no day, and can be opened again.
_CLOSE = """
UPDATE contacts_membership SET left_at = entered_at WHERE contact_id = %s AND left_at IS NULL RETURNING id, segment_id
"""
_MOVE_PAST = """
UPDATE contacts_membership SET contact_id = %s WHERE contact_id = %s AND left_at > entered_at RETURNING id
"""
_MOVE_BACK = "UPDATE contacts_membership SET contact_id = %s WHERE id = ANY(%s) AND contact_id = %s"
_REMOVE = """
DELETE FROM contacts_membership WHERE id = ANY(%s) AND contact_id = %s AND left_at IS NULL RETURNING id, segment_id
"""
_REOPEN = """
UPDATE contacts_membership m SET left_at = NULL WHERE m.id = ANY(%s) AND m.contact_id = %s
AND NOT EXISTS (
    SELECT FROM contacts_membership o
    WHERE o.segment_id = m.segment_id AND o.contact_id = m.contact_id AND o.left_at IS NULL
)
RETURNING m.id, m.segment_id
"""
_COUNT = "UPDATE contacts_segment SET members = members + %s WHERE id = ANY(%s)"


def _move(winner_id: int, loser_id: int) -> dict[str, list[int]]:
    _run(_LOCK, [[winner_id, loser_id]])
    past = [row[0] for row in _run(_MOVE_PAST, [winner_id, loser_id])]
    taken = _counted(_TAKE_OVER, [winner_id, loser_id], 1)
    closed = _counted(_CLOSE, [loser_id], -1)
    return {"past": past, "taken": taken, "closed": closed}


def _undo(winner_id: int, loser_id: int, moved: Any) -> None:
    _run(_LOCK, [[winner_id, loser_id]])
    _run(_MOVE_BACK, [loser_id, moved["past"], winner_id])
    _counted(_REMOVE, [moved["taken"], winner_id], -1)
    _counted(_REOPEN, [moved["closed"], loser_id], 1)


def _counted(statement: str, params: list[Any], each: int) -> list[int]:
    """Run it, keep the segments' numbers of people right, and return the ids of the rows."""
    rows = _run(statement, params)
    if rows:
        _run(_COUNT, [each, [segment for _row, segment in rows]])
    return [row for row, _segment in rows]


def _run(statement: str, params: list[Any]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall()) if cursor.description else []


MEMBERSHIPS = MergeHandler("memberships", _move, _undo)
