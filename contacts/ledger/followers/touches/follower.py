"""Keeps each person's first touch, and the last one that names a source (a direct visit never hides a campaign)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.followers import Follower
from contacts.ledger.followers.touches.channel import DIRECT, FACTS, Touch, touch_of

# Only events that could be a first or a last touch, and that say something of a source, leave the database: most page
# views of a visit are neither, and most first ones say nothing. Those are kept at once, {changes} as in _KEEP.
# Ties in time are settled by id, so that a replay in other batches gives the same.
_CANDIDATES = """
WITH candidate AS MATERIALIZED (
    SELECT DISTINCT ON (e.contact_id) e.contact_id, e.occurred_at, e.id,
        CASE WHEN {has_source} THEN e.properties END AS properties
    FROM {events} AS e LEFT JOIN contact_touch t ON t.contact_id = e.contact_id
    WHERE t.contact_id IS NULL OR (e.occurred_at, e.id) < (t.first_at, t.first_event_id)
    ORDER BY e.contact_id, e.occurred_at, e.id
), direct AS (
    INSERT INTO contact_touch AS t (contact_id, first_event_id, first_at, first_channel, first_facts,
                                    last_event_id, last_at, last_channel, last_facts)
    SELECT contact_id, id, occurred_at, 'direct', '{{}}', id, occurred_at, 'direct', '{{}}'
    FROM candidate WHERE properties IS NULL
    ON CONFLICT (contact_id) DO UPDATE SET {changes}
)
SELECT contact_id, occurred_at, id, properties FROM candidate WHERE properties IS NOT NULL
"""
_SOURCES = """
SELECT e.contact_id, e.occurred_at, e.id, e.properties
FROM {events} AS e LEFT JOIN contact_touch t ON t.contact_id = e.contact_id
WHERE {has_source}
  AND (t.contact_id IS NULL OR t.last_channel = 'direct' OR (e.occurred_at, e.id) > (t.last_at, t.last_event_id))
ORDER BY e.occurred_at, e.id
"""
# Most views say nothing of a source; those need not be read.
_HAS_SOURCE = """(
    e.properties ?| %(facts)s OR e.properties ->> 'referrer' <> ''
    OR (strpos(e.properties ->> 'url', '?') > 0 AND e.properties ->> 'url' ~ %(in_url)s)
)"""
_KEEP = """
INSERT INTO contact_touch AS t (contact_id, first_event_id, first_at, first_channel, first_facts,
                                last_event_id, last_at, last_channel, last_facts)
SELECT contact_id, event_id, at, channel, facts::jsonb, event_id, at, channel, facts::jsonb
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
     AS n(contact_id, event_id, at, channel, facts) ORDER BY contact_id
ON CONFLICT (contact_id) DO UPDATE SET {changes}
"""
_FIRST = """
first_event_id = excluded.first_event_id, first_at = excluded.first_at,
first_channel = excluded.first_channel, first_facts = excluded.first_facts,
(last_event_id, last_at, last_channel, last_facts) = (
    SELECT n.* FROM (VALUES (excluded.last_event_id, excluded.last_at, excluded.last_channel, excluded.last_facts)) AS n
    WHERE t.last_channel = 'direct'
    UNION ALL SELECT t.last_event_id, t.last_at, t.last_channel, t.last_facts WHERE t.last_channel <> 'direct'
)
WHERE (excluded.first_at, excluded.first_event_id) < (t.first_at, t.first_event_id)
"""
_LAST = """
last_event_id = excluded.last_event_id, last_at = excluded.last_at,
last_channel = excluded.last_channel, last_facts = excluded.last_facts
WHERE t.last_channel = 'direct' OR (excluded.last_at, excluded.last_event_id) > (t.last_at, t.last_event_id)
"""
_KEPT = """
SELECT contact_root(contact_id), at, event_id, channel, facts FROM contact_touch_base WHERE {scope}
ORDER BY at, event_id
"""
_IN_URL = "[?&](" + "|".join(FACTS) + ")="

type _Found = dict[int, tuple[datetime, int, Touch]]


def _kinds() -> list[str]:
    return ["page.viewed", "form.submitted"]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Take the touches of new events. While no source is known, the last touch is the first."""
    _take(cursor, batch.rows)


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Recompute the contacts that were merged."""
    cursor.execute("DELETE FROM contact_touch WHERE contact_id = ANY(%s)", [list(batch.rebuilt or ())])
    _take(cursor, batch.history)


def reset(cursor: CursorWrapper) -> None:
    """Throw all rows away."""
    cursor.execute("TRUNCATE contact_touch")


def _take(cursor: CursorWrapper, events: str) -> None:
    looked_for: dict[str, Any] = {"facts": list(FACTS), "in_url": _IN_URL}
    cursor.execute(_CANDIDATES.format(events=events, has_source=_HAS_SOURCE, changes=_FIRST), looked_for)
    firsts: _Found = {contact: (at, number, touch_of(_read(raw))) for contact, at, number, raw in cursor.fetchall()}
    cursor.execute(_SOURCES.format(events=events, has_source=_HAS_SOURCE), looked_for)
    lasts: _Found = {}
    for contact, at, number, raw in cursor.fetchall():
        touch = touch_of(_read(raw))
        if touch.channel != DIRECT:
            lasts[contact] = (at, number, touch)
    _keep(cursor, firsts, _FIRST)
    _keep(cursor, lasts, _LAST)


def _read(raw: Any) -> dict[str, Any]:
    properties = json.loads(raw) if isinstance(raw, str) else raw
    return properties if isinstance(properties, dict) else {}


def _keep(cursor: CursorWrapper, found: _Found, changes: str) -> None:
    if not found:
        return
    columns: Sequence[list[Any]] = [list(found), [], [], [], []]
    for at, number, touch in found.values():
        for column, value in zip(columns[1:], (number, at, touch.channel, json.dumps(touch.facts)), strict=True):
            column.append(value)
    cursor.execute(_KEEP.format(changes=changes), list(columns))


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Take the touches that lay in dropped months."""
    cursor.execute(_KEPT.format(scope=base.scope))
    firsts: _Found = {}
    lasts: _Found = {}
    for contact, at, number, channel, raw in cursor.fetchall():
        found = (at, number, Touch(channel, _read(raw)))
        firsts.setdefault(contact, found)
        if channel != DIRECT:
            lasts[contact] = found
    _keep(cursor, firsts, _FIRST)
    _keep(cursor, lasts, _LAST)


TOUCHES = Follower("touches", apply, kinds=_kinds, rebuild=rebuild, reset=reset, restore=restore)
