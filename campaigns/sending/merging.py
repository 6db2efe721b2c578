"""What becomes of sending when two people become one. Registered by CampaignsConfig.ready.

Messages stay with the contact they were written for, because the tokens in mails name it: whoever reads them follows
the redirect. What was sent of late is counted together, so that a merge opens no way round the frequency cap.
"""

from typing import Any

from django.db import connection

from contacts.identity.handlers import MergeHandler

# The rows are locked in the order in which workers reserve.
_LOCK = "SELECT FROM contact_send_state WHERE contact_id = ANY(%s) ORDER BY contact_id FOR UPDATE"
_TAKE = "DELETE FROM contact_send_state WHERE contact_id = %s RETURNING message_ids, times::text[]"
_GIVE = """
INSERT INTO contact_send_state AS s (contact_id, message_ids, times) VALUES (%s, %s, %s::timestamptz[])
ON CONFLICT (contact_id) DO UPDATE SET (message_ids, times) = (
    SELECT array_agg(m ORDER BY t), array_agg(t ORDER BY t)
    FROM unnest(s.message_ids || excluded.message_ids, s.times || excluded.times) AS both_of(m, t)
)
"""
_TAKE_BACK = """
UPDATE contact_send_state SET
    message_ids = array(SELECT m FROM unnest(message_ids, times) AS u(m, t) WHERE NOT m = ANY(%s)),
    times = array(SELECT t FROM unnest(message_ids, times) AS u(m, t) WHERE NOT m = ANY(%s))
WHERE contact_id = %s
"""


def _move(winner_id: int, loser_id: int) -> list[list[Any]]:
    """Count what the loser was sent with the winner's; return it as [messages, times]."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [[winner_id, loser_id]])
        cursor.execute(_TAKE, [loser_id])
        row = cursor.fetchone()
        if row is None or not row[0]:
            return []
        cursor.execute(_GIVE, [winner_id, *row])
    return [list(row[0]), list(row[1])]


def _undo(winner_id: int, loser_id: int, moved: Any) -> None:
    """Give the loser back what she had been sent."""
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [[winner_id, loser_id]])
        cursor.execute(_TAKE_BACK, [moved[0], moved[0], winner_id])
        cursor.execute(_GIVE, [loser_id, *moved])


CAMPAIGN_HANDLERS = [MergeHandler("sends", _move, _undo)]
