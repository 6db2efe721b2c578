"""Going out before the end: a goal, an exit rule, a left segment, a refusal, by hand; told as journey.left with why."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import FALSE, Sql, compose
from journeys.engine import live
from journeys.engine.asking import matching
from journeys.engine.live import LiveRules
from journeys.engine.models import End
from journeys.journey.models import Journey
from journeys.kinds import LEFT

_END = """
WITH ended AS (
    UPDATE journeys_enrolment e SET ended_at = %s, "end" = w.why, due_at = NULL
    FROM unnest(%s::bigint[], %s::text[]) AS w(id, why) WHERE e.id = w.id AND e.ended_at IS NULL
    RETURNING e.id, e.contact_id, e.step_id, w.why
),
counted AS (
    INSERT INTO journeys_stepcount AS s (step_id, outlet, hour, n)
    SELECT step_id, 'end:' || why, date_trunc('hour', %s, 'UTC'), count(*) FROM ended GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (step_id, outlet, hour) DO UPDATE SET n = s.n + excluded.n
),
told AS (
    {insert}
    SELECT n.contact_id, %s, %s, %s, %s, NULL, %s::jsonb || jsonb_build_object('why', n.why), NULL, 0
    FROM ended n WHERE n.why <> 'merged' AND EXISTS (SELECT FROM contacts_contact c WHERE c.id = n.contact_id)
    ORDER BY n.id
)
SELECT count(*) FROM ended
"""
_FACTS = """
SELECT b.id, CASE WHEN c.id IS NULL THEN 'erased' WHEN c.merged_into_id IS NOT NULL THEN 'merged'
    WHEN {left} THEN 'left_segment' ELSE 'unsubscribed' END
FROM journey_batch b LEFT JOIN contacts_contact c ON c.id = b.contact_id
{joins}
WHERE c.id IS NULL OR c.merged_into_id IS NOT NULL OR {left} OR {refused}
"""
_CONSENT = """
LEFT JOIN contacts_consentstate s ON s.contact_id = b.contact_id AND s.purpose = 'marketing' AND s.channel = 'email'
    AND s.decision = 'withdrawn' AND s.since > b.entered_at
"""
_MEMBERSHIP = """
LEFT JOIN contacts_membership m ON m.segment_id = %s AND m.contact_id = b.contact_id AND m.left_at IS NULL
"""
# A segment she never was in cannot be left; one she is in again is not left.
_HAS_LEFT = """(m.id IS NULL AND EXISTS (
    SELECT FROM event e WHERE e.contact_id = b.contact_id AND e.kind_id = %s AND e.subject_id = %s
    AND e.occurred_at > b.entered_at
))"""
_GOAL = """
UPDATE journeys_enrolment SET goal_at = %s
WHERE id = ANY(%s) AND goal_at IS NULL AND entered_at > %s RETURNING id
"""
_OVER = """
SELECT id, contact_id FROM journeys_enrolment
WHERE contact_id = ANY(%s) AND journey_id = %s AND ended_at IS NOT NULL AND goal_at IS NULL AND entered_at > %s
  AND "end" NOT IN ('merged', 'erased')
"""
_OF_PEOPLE = """
SELECT journey_id, id FROM journeys_enrolment WHERE contact_id = ANY(%s) AND ended_at IS NULL
ORDER BY id FOR NO KEY UPDATE
"""
_FORGET = (
    "UPDATE journeys_enrolment SET facts = NULL, key = '' WHERE contact_id = ANY(%s)",
    """UPDATE journeys_trace t SET facts = NULL FROM journeys_enrolment e
    WHERE e.contact_id = ANY(%s) AND t.enrolment_id = e.id AND t.facts IS NOT NULL""",
    "DELETE FROM journeys_startrequest WHERE contact_id = ANY(%s)",
    "DELETE FROM journeys_touched WHERE contact_id = ANY(%s)",
)


def end(cursor: CursorWrapper, journey_id: int, reasons: Mapping[int, End | str], now: datetime) -> int:
    """End these enrolments of one journey, by id, and return how many were still going on."""
    if not reasons:
        return 0
    name = Journey.objects.values_list("name", flat=True).get(pk=journey_id)
    subject = ("journey", str(journey_id))
    told = json.dumps({"name": name}, ensure_ascii=False)
    numbers = (kind_ids([LEFT])[LEFT], subject_ids([subject])[subject])
    params = (now, list(reasons), [str(why) for why in reasons.values()], now, *numbers, now, now, told)
    statement = compose(_END, *params, insert=Sql(INSERT))
    cursor.execute(statement.text, statement.params)
    return int(cursor.fetchone()[0])


@transaction.atomic
def remove(journey_id: int, contacts: Collection[int], *, now: datetime) -> int:
    """Take these people out of the journey by hand, and return how many enrolments ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM journeys_enrolment WHERE journey_id = %s AND contact_id = ANY(%s) AND ended_at IS NULL "
            "ORDER BY id FOR NO KEY UPDATE",
            [journey_id, list(contacts)],
        )
        return end(cursor, journey_id, {number: End.REMOVED for (number,) in cursor.fetchall()}, now)


@transaction.atomic
def forget(contacts: Collection[int], *, now: datetime) -> int:
    """Erase what journeys know of these people but that somebody was there; return how many enrolments ended.

    Numbers stay right; keys and facts, which may name an order or an answer, are emptied. Harmless to repeat.
    """
    people = list(contacts)
    with connection.cursor() as cursor:
        cursor.execute(_OF_PEOPLE, [people])
        of_journeys: dict[int, dict[int, End | str]] = defaultdict(dict)
        for journey_id, number in cursor.fetchall():
            of_journeys[journey_id][number] = End.ERASED
        ended = sum(end(cursor, journey_id, reasons, now) for journey_id, reasons in sorted(of_journeys.items()))
        for statement in _FORGET:
            cursor.execute(statement, [people])
        return ended


# --- before each step ---
def leave(cursor: CursorWrapper, journey_id: int, rules: LiveRules, now: datetime) -> int:
    """End those of the running batch who are to go out, take them from it, and return how many they were."""
    reasons = _by_facts(cursor, rules) | _by_rules(cursor, rules, now)
    if reasons:
        cursor.execute("DELETE FROM journey_batch WHERE id = ANY(%s)", [list(reasons)])
        end(cursor, journey_id, reasons, now)
    return len(reasons)


def _by_facts(cursor: CursorWrapper, rules: LiveRules) -> dict[int, str]:
    joins, left, refused = Sql(""), FALSE, FALSE
    if rules.stored.unsubscribed:
        joins, refused = Sql(_CONSENT), Sql("s.id IS NOT NULL")
    if segment := rules.stored.left_segment:
        joins = compose("{joins}{more}", joins=joins, more=Sql(_MEMBERSHIP, (segment,)))
        subject = ("segment", str(segment))
        left = Sql(_HAS_LEFT, (kind_ids(["segment.left"])["segment.left"], subject_ids([subject])[subject]))
    asked = compose(_FACTS, joins=joins, left=left, refused=refused)
    cursor.execute(asked.text, asked.params)
    return dict(cursor.fetchall())


def _by_rules(cursor: CursorWrapper, rules: LiveRules, now: datetime) -> dict[int, str]:
    if rules.exit is None and rules.goal is None:
        return {}
    cursor.execute("SELECT id, contact_id FROM journey_batch")
    inside: dict[int, int] = dict(cursor.fetchall())
    reasons: dict[int, str] = {}
    if rules.exit is not None:
        out = matching(cursor, rules.exit, inside.values(), moment_at(now))
        reasons |= {number: End.EXIT for number, contact in inside.items() if contact in out}
    reached = reach(cursor, rules, inside, now)
    return reasons | (dict.fromkeys(reached, End.GOAL) if rules.stored.goal_ends else {})


def reach(cursor: CursorWrapper, rules: LiveRules, enrolments: Mapping[int, int], now: datetime) -> list[int]:
    """Note who of these enrolments (contact by id) has met the goal within its days; return those who have just."""
    if rules.goal is None or not enrolments:
        return []
    met = matching(cursor, rules.goal, enrolments.values(), moment_at(now))
    reached = [number for number, contact in enrolments.items() if contact in met]
    cursor.execute(_GOAL, [now, reached, now - timedelta(days=rules.stored.goal_days)])
    return [number for (number,) in cursor.fetchall()]


def reach_after(cursor: CursorWrapper, journey_id: int, contacts: Collection[int], now: datetime) -> int:
    """Look at the goal of those who are no longer inside, hold-outs too; return how many have met it."""
    rules = live.current().of_journey(journey_id).rules
    if rules.goal is None:
        return 0
    cursor.execute(_OVER, [list(contacts), journey_id, now - timedelta(days=rules.stored.goal_days)])
    return len(reach(cursor, rules, dict(cursor.fetchall()), now))
