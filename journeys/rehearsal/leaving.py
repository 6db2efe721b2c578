"""Who would have left before a step: by a refusal, a segment, the exit rule, the goal, as of the row's own time."""

from django.db.backends.utils import CursorWrapper

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose, joined
from journeys.engine.live import LiveRules
from journeys.engine.models import End
from journeys.rehearsal.result import Found

_SINCE = """
WHEN EXISTS (
    SELECT FROM event e WHERE e.contact_id = b.contact_id AND e.occurred_at > b.entered_at AND e.occurred_at <= b.at
      AND e.kind_id = (SELECT id FROM ledger_kind WHERE key = %s) AND {about}
) THEN %s
"""
_OF_SEGMENT = "e.subject_id = (SELECT id FROM ledger_subject WHERE type = 'segment' AND key = %s)"
_RULE = "WHEN {test} THEN %s"
_LEAVE = """
WITH judged AS (
    SELECT b.id, b.at, CASE {ends} ELSE '' END AS ended
    FROM rehearsal_batch b JOIN contacts_contact c ON c.id = b.contact_id
), gone AS (
    UPDATE rehearsal_inside i SET ended = j.ended, ended_at = j.at,
           goal_at = CASE WHEN j.ended = 'goal' THEN j.at ELSE i.goal_at END
    FROM judged j WHERE i.id = j.id AND j.ended <> '' RETURNING i.id, i.ended
), without AS (
    DELETE FROM rehearsal_batch b USING gone g WHERE b.id = g.id
)
SELECT ended, count(*) FROM gone GROUP BY ended
"""


def asks_rules(rules: LiveRules) -> bool:
    """Tell whether leaving depends on rules, which are judged day by day."""
    return rules.exit is not None or (rules.goal is not None and rules.stored.goal_ends)


def leave(cursor: CursorWrapper, rules: LiveRules, at: Moment, found: Found) -> None:
    """Take those out of the batch who would have left before it, and count them."""
    if not (ends := _ends(rules, at)):
        return
    asked = compose(_LEAVE, ends=joined(" ", ends))
    cursor.execute(asked.text, asked.params)
    found.ended.update(dict(cursor.fetchall()))


def _ends(rules: LiveRules, at: Moment) -> list[Sql]:
    ends = []
    if rules.goal is not None and rules.stored.goal_ends:
        within = Sql("b.at <= b.entered_at + make_interval(days => %s)", (rules.stored.goal_days,))
        test = compose("{within} AND {goal}", within=within, goal=rules.goal.test(at))
        ends.append(compose(_RULE, End.GOAL.value, test=test))
    if rules.stored.unsubscribed:
        ends.append(compose(_SINCE, "consent.withdrawn", End.UNSUBSCRIBED.value, about=Sql("true")))
    if rules.stored.left_segment is not None:
        about = Sql(_OF_SEGMENT, (str(rules.stored.left_segment),))
        ends.append(compose(_SINCE, "segment.left", End.LEFT_SEGMENT.value, about=about))
    if rules.exit is not None:
        ends.append(compose(_RULE, End.EXIT.value, test=rules.exit.test(at)))
    return ends
