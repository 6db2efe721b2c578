"""Points that are given with a reason, by a journey or by hand: the event says how many, why, and how often it counts.

They fade like all points of their model. `once` in the event (a CapPeriod, or nothing for every time) is their cap: the
same reason counts once a person and model within it. Giving is `give`; counting is the follower's, by the SQL here.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings

from contacts.ledger.append import NewEvent, append
from contacts.scoring.buckets import BUCKETS
from contacts.scoring.models import ScoreModel
from crm.team.models import User

KIND = "points.given"
SUBJECT = "score_model"
MOST = 1000  # points at once, up or down
LONGEST_REASON = 200  # characters

_BUCKET = f"CASE e.properties ->> 'once' {' '.join(f"WHEN '{key}' THEN {sql}" for key, sql in BUCKETS.items())} END"
_TOLD = f"""
SELECT m.id AS model_id, NULL::bigint AS rule_id, e.contact_id, e.id AS event_id, e.tx, e.occurred_at,
    e.value::float8 AS points, {_BUCKET} AS bucket,
    CASE WHEN e.properties ->> 'once' = ANY(%s) THEN 1 END AS cap, e.properties ->> 'reason' AS reason
FROM {{source}} AS e
JOIN ledger_subject AS s ON s.id = e.subject_id AND s.type = '{SUBJECT}'
JOIN contacts_scoremodel AS m ON m.id::text = s.key
WHERE e.kind_id = %s AND e.value <> 0 AND e.properties ->> 'reason' <> ''
"""  # noqa: S608 - constants
_KEPT = """
SELECT m.id AS model_id, NULL::bigint AS rule_id, e.contact_id, e.id AS event_id, e.tx, e.occurred_at, e.points,
    e.bucket, CASE WHEN e.bucket IS NOT NULL THEN 1 END AS cap, e.reason
FROM {source} AS e JOIN contacts_scoremodel AS m ON m.id = e.model_id WHERE e.rule_id = 0
"""
# What the follower's statement of entering needs to count them by their reason and not by a rule.
ENTRY = {
    "each": "model_id, reason",
    "same": "had.rule_id IS NULL AND had.model_id = r.model_id AND had.reason = r.reason",
    "once": "(event_id) WHERE rule_id IS NULL",
}
# Columns of score_entry_base beside those of rules, whose rule is 0; null where a rule gave the points.
KEPT = "model_id, points, reason, bucket"
KEEPING = ", ".join(f"CASE WHEN s.rule_id IS NULL THEN s.{name} END" for name in KEPT.split(", "))


def told_in(source: str) -> str:
    """Return the select of what the events in `source` give, before caps; its parameters are `params`."""
    return _TOLD.format(source=source)


def params(kind: int) -> list[Any]:
    """Return the parameters of `told_in`; `kind` is the number of KIND."""
    return [*[settings.TIME_ZONE] * _BUCKET.count("%s"), [str(key) for key in BUCKETS], kind]


def kept_in(source: str) -> str:
    """Return the same of what was kept of dropped months; it has no parameters."""
    return _KEPT.format(source=source)


def give(contact_id: int, model: ScoreModel, points: int, reason: str, *, by: User, now: datetime, token: UUID) -> bool:
    """Give a person points in a model by hand (below zero: take them). Tell whether they were: a token gives once."""
    facts = {"reason": reason, "by": by.pk}
    about = (SUBJECT, str(model.pk))
    event = NewEvent(contact_id, KIND, now, about, Decimal(points), facts, key=f"{contact_id}:{token}")
    return bool(append([event], source="points", now=now))
