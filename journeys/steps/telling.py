"""The event of what a step did to people, in the statement that does it, so that a set stays one statement."""

import json
from collections.abc import Mapping
from typing import Any

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import Subject, kind_ids, subject_ids
from contacts.segments.rules.sql import Sql
from journeys.engine.batch import Batch

_TOLD = f"""
{INSERT}
SELECT d.contact_id, %s::smallint, %s::bigint, %s::timestamptz, %s::timestamptz, NULL, %s::jsonb || {{own}}, b.cause,
       CASE WHEN b.cause IS NULL THEN 0 ELSE 1 END
FROM done d JOIN (SELECT contact_id, max(cause) AS cause FROM {{rows}} GROUP BY contact_id) b USING (contact_id)
ORDER BY d.contact_id
"""  # noqa: S608 - a constant
NOTHING = "'{}'::jsonb"


def told(batch: Batch, kind: str, subject: Subject | None, facts: Mapping[str, Any], own: str = NOTHING) -> Sql:
    """Return an INSERT of one event for each row of `done` (contact_id), a CTE before it.

    `facts` are properties of all; `own`: SQL over `d`, a row of `done`, for more that differ. The event that brought a
    person in is its cause.
    """
    about = subject_ids([subject])[subject] if subject else None
    properties = json.dumps({**facts, "journey": batch.place.journey_id}, ensure_ascii=False)
    params = (kind_ids([kind])[kind], about, batch.now, batch.now, properties)
    return Sql(_TOLD.format(own=own, rows=batch.rows), params)


def people(batch: Batch) -> str:
    """Return a SELECT of the ids of the batch's people, each once and in order, as far as they are there."""
    return (
        "SELECT c.id FROM contacts_contact c WHERE c.merged_into_id IS NULL "  # noqa: S608 - a name of ours
        f"AND c.id IN (SELECT contact_id FROM {batch.rows}) ORDER BY c.id"
    )
