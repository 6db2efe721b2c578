"""Writing one attribute of many people, and putting back what was there. Called by acts on many."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from contacts.attributes.values import Value
from contacts.ledger.append import NewEvent, append
from crm.team.models import User

_WRITE = """
WITH held AS (
    SELECT id, attributes -> %(key)s AS before FROM contacts_contact
    WHERE id = ANY(%(ids)s) AND merged_into_id IS NULL AND attributes -> %(key)s IS DISTINCT FROM %(value)s::jsonb
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE contacts_contact c SET
    attributes = CASE WHEN %(value)s::jsonb IS NULL THEN c.attributes - %(key)s
                      ELSE c.attributes || jsonb_build_object(%(key)s::text, %(value)s::jsonb) END,
    updated_at = %(now)s, version = c.version + 1
FROM held h WHERE c.id = h.id RETURNING c.id, h.before::text
"""
_PUT_BACK = """
WITH held AS (
    SELECT c.id, b.before FROM contacts_contact c
    JOIN unnest(%(ids)s::bigint[], %(before)s::jsonb[]) AS b(id, before) ON b.id = c.id
    WHERE c.attributes -> %(key)s IS NOT DISTINCT FROM %(value)s::jsonb
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE contacts_contact c SET
    attributes = CASE WHEN h.before IS NULL THEN c.attributes - %(key)s
                      ELSE c.attributes || jsonb_build_object(%(key)s::text, h.before) END,
    updated_at = %(now)s, version = c.version + 1
FROM held h WHERE c.id = h.id RETURNING c.id
"""


@transaction.atomic
def write(key: str, value: Value | None, ids: Collection[int], *, by: User, now: datetime) -> dict[int, Value | None]:
    """Give the attribute `value` (None: empty it) and return, by id, what those had who had something else."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"key": key, "value": _json(value), "ids": list(ids), "now": now})
        before = {pk: None if raw is None else json.loads(raw) for pk, raw in cursor.fetchall()}
    _tell(before, by, now)
    return before


@transaction.atomic
def put_back(
    key: str, value: Value | None, before: Mapping[int, Value | None], *, by: User, now: datetime
) -> list[int]:
    """Give `before` back to those who still have `value`, and return whom."""
    given: dict[str, Any] = {"ids": list(before), "before": [_json(held) for held in before.values()]}
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, {"key": key, "value": _json(value), "now": now, **given})
        back = [pk for (pk,) in cursor.fetchall()]
    _tell(back, by, now)
    return back


def _json(value: Value | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _tell(ids: Collection[int], by: User, now: datetime) -> None:
    facts = {"by": by.pk, "changed": ["attributes"]}
    append([NewEvent(pk, "contact.updated", now, properties=facts) for pk in sorted(ids)], source="people", now=now)
