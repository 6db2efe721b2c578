"""The merge handlers of contacts: labels, orders, notes, files, consent, topics and decisions follow the person."""

from typing import Any

from django.db import connection

from contacts.duplicates.decisions import DISTINCT_PAIRS
from contacts.identity.handlers import MERGE_HANDLERS, MergeHandler
from contacts.leads.merging import FOLLOW_UP
from contacts.segments.merging import MEMBERSHIPS

# A row moves unless the winner has one like it.
_MOVE = """
UPDATE {table} t SET contact_id = %s WHERE t.contact_id = %s
AND NOT EXISTS (SELECT FROM {table} o WHERE o.contact_id = %s AND {same}) RETURNING t.id
"""
# The newest statement of either holds, of two at the same moment the refusal (see contacts.consent.record).
_CONSENT_OF = """
INSERT INTO contacts_consentstate AS held (contact_id, purpose, channel, decision, since, entry_id)
SELECT DISTINCT ON (purpose, channel) contact_id, purpose, channel, decision, at, id
FROM contacts_consententry WHERE contact_id = %s
ORDER BY purpose, channel, at DESC, decision DESC, id DESC
ON CONFLICT (contact_id, purpose, channel) DO UPDATE
SET decision = excluded.decision, since = excluded.since, entry_id = excluded.entry_id
"""

_TOPICS_OF = """
INSERT INTO contacts_topicstate (contact_id, topic_id, wanted, since, entry_id)
SELECT DISTINCT ON (contact_id, topic_id) contact_id, topic_id, wanted, at, id
FROM contacts_topicentry WHERE contact_id = ANY(%s) ORDER BY contact_id, topic_id, at DESC, wanted, id DESC
"""


def _rows(name: str, table: str, same: str = "false") -> MergeHandler:
    """Return a handler that moves the rows of `table`; `same` (o like t) tells which rows would conflict."""

    def move(winner_id: int, loser_id: int) -> list[int]:
        return _run(_MOVE.format(table=table, same=same), [winner_id, loser_id, winner_id])

    def undo(winner_id: int, loser_id: int, moved: Any) -> None:
        _run(
            f"UPDATE {table} SET contact_id = %s WHERE contact_id = %s AND id = ANY(%s) RETURNING id",  # noqa: S608 - ours
            [loser_id, winner_id, list(moved)],
        )

    return MergeHandler(name, move, undo)


def _move_consent(winner_id: int, loser_id: int) -> list[int]:
    moved = _ENTRIES.move(winner_id, loser_id)
    _settle_consent(winner_id, loser_id)
    return list(moved)


def _undo_consent(winner_id: int, loser_id: int, moved: Any) -> None:
    _ENTRIES.undo(winner_id, loser_id, moved)
    _settle_consent(winner_id, loser_id)


def _settle_consent(*contact_ids: int) -> None:
    """Recompute what holds for these contacts from the statements they have now."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_consentstate WHERE contact_id = ANY(%s)", [list(contact_ids)])
        for contact_id in contact_ids:
            cursor.execute(_CONSENT_OF, [contact_id])


def _move_topics(winner_id: int, loser_id: int) -> list[int]:
    moved = _TOPIC_ENTRIES.move(winner_id, loser_id)
    _settle_topics(winner_id, loser_id)
    return list(moved)


def _undo_topics(winner_id: int, loser_id: int, moved: Any) -> None:
    _TOPIC_ENTRIES.undo(winner_id, loser_id, moved)
    _settle_topics(winner_id, loser_id)


def _settle_topics(*contact_ids: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_topicstate WHERE contact_id = ANY(%s)", [list(contact_ids)])
        cursor.execute(_TOPICS_OF, [list(contact_ids)])


def _run(sql: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [number for (number,) in cursor.fetchall()]


_ENTRIES = _rows("consent_entries", "contacts_consententry")
_TOPIC_ENTRIES = _rows("topic_entries", "contacts_topicentry")
CONTACT_HANDLERS = [
    _rows("lists", "contacts_listmember", "o.fixed_list_id = t.fixed_list_id"),
    _rows("tags", "contacts_contacttag", "o.tag_id = t.tag_id"),
    _rows("orders", "contacts_order"),
    _rows("keys", "contacts_contactkey"),
    _rows("notes", "contacts_note"),
    _rows("files", "contacts_keptfile"),
    MergeHandler("consent", _move_consent, _undo_consent),
    MergeHandler("topics", _move_topics, _undo_topics),
    FOLLOW_UP,
    MEMBERSHIPS,
    _rows("segments_by_hand", "contacts_byhand", "o.segment_id = t.segment_id"),
    DISTINCT_PAIRS,
    _rows("webhook_events", "contacts_hookevent"),
]


def register() -> None:
    """Enter the handlers of this app; harmless to repeat."""
    MERGE_HANDLERS.register(*CONTACT_HANDLERS)
