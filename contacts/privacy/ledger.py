"""Her events and what followers keep of them: deleted, while the counters keep the numbers without her.

What she had added to a counter is added to `subject_erased`, from which a replay starts; so the counters of a mailing
stay what they were, and are the same after a replay. Who is not `counted` is taken out of the counters instead.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers.totals import TOTALS
from contacts.ledger.kinds import KINDS, PastEvent, kind_of
from contacts.ledger.queries import timeline
from contacts.privacy.handlers import Erase, PersonalData, Row, deleting, reading, rows
from contacts.privacy.people import People
from crm.kit.work import NotYet

_AT_ONCE = 500
_UNREAD = """
SELECT EXISTS (
    SELECT FROM event e JOIN held l ON l.shard = (coalesce(e.origin_contact_id, e.contact_id) & 63)
    WHERE e.contact_id = ANY(%(ids)s) AND (e.tx, e.id) > (l.tx, l.event_id)
) OR EXISTS (SELECT FROM follower_behind b JOIN held l USING (shard) WHERE b.name IN ('totals', 'subjects'))
"""
# The followers' own lock: nobody is in the middle of a batch with her events.
_LANES = "SELECT shard, tx, event_id FROM ledger_lane WHERE shard = ANY(%s) ORDER BY shard FOR UPDATE"
_HELD = """
WITH held(shard, tx, event_id) AS (
    SELECT * FROM unnest(%(shards)s::smallint[], %(txs)s::bigint[], %(ats)s::bigint[])
)
"""
_KEEP_SUMS = """kept AS (
    INSERT INTO subject_erased AS s (subject_id, kind_id, n, total)
    SELECT subject_id, kind_id, sum(n), sum(total) FROM added GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (subject_id, kind_id) DO UPDATE SET n = s.n + excluded.n, total = s.total + excluded.total
)"""
_TAKE_SUMS = """kept AS (
    UPDATE subject_counter s SET n = s.n - a.n, total = s.total - a.total
    FROM (SELECT subject_id, kind_id, sum(n) AS n, sum(total) AS total FROM added GROUP BY 1, 2) AS a
    WHERE (s.subject_id, s.kind_id) = (a.subject_id, a.kind_id)
)"""
_KEEP_PEOPLE = """kept AS (
    INSERT INTO subject_erased AS s (subject_id, kind_id, people)
    SELECT subject_id, kind_id, people FROM added ORDER BY 1, 2
    ON CONFLICT (subject_id, kind_id) DO UPDATE SET people = s.people + excluded.people
)"""
_TAKE_PEOPLE = """kept AS (
    UPDATE subject_counter s SET people = s.people - a.people
    FROM added AS a WHERE (s.subject_id, s.kind_id) = (a.subject_id, a.kind_id)
)"""
_EVENTS = """,
gone AS (
    DELETE FROM event e
    USING (SELECT id, occurred_at FROM event WHERE contact_id = ANY(%(ids)s) LIMIT %(limit)s) AS d
    WHERE e.id = d.id AND e.occurred_at = d.occurred_at
    RETURNING e.id, e.tx, e.kind_id, e.subject_id, e.value, e.properties ->> 'kind' AS taken_back,
              (coalesce(e.origin_contact_id, e.contact_id) & 63) AS shard
),
counted AS (
    SELECT g.* FROM gone g JOIN held l ON l.shard = g.shard
    WHERE g.subject_id IS NOT NULL AND (g.tx, g.id) <= (l.tx, l.event_id)
),
added AS (
    SELECT subject_id, kind_id, count(*) AS n, coalesce(sum(value), 0) AS total
    FROM counted WHERE kind_id = ANY(%(kinds)s) GROUP BY 1, 2
    UNION ALL
    SELECT c.subject_id, k.id, -count(*), -coalesce(sum(c.value), 0)
    FROM counted c JOIN ledger_kind k ON k.key = c.taken_back
    WHERE c.kind_id = %(taken_back)s AND k.id = ANY(%(kinds)s) GROUP BY 1, 2
),
{kept}
SELECT count(*) FROM gone
"""
_BASE = """
WITH gone AS (
    DELETE FROM event_base WHERE contact_id = ANY(%(ids)s)
    AND ctid = ANY(ARRAY(SELECT ctid FROM event_base WHERE contact_id = ANY(%(ids)s) LIMIT %(limit)s))
    RETURNING subject_id, kind_id, n, total, month
),
added AS (
    SELECT subject_id, kind_id, n, total FROM gone
    WHERE subject_id IS NOT NULL AND kind_id = ANY(%(kinds)s) AND month IN (SELECT month FROM ledger_dropped)
),
{kept}
SELECT count(*) FROM gone
"""
_SUBJECTS = """
WITH gone AS (
    DELETE FROM subject_state WHERE contact_id = ANY(%(ids)s)
    AND ctid = ANY(ARRAY(SELECT ctid FROM subject_state WHERE contact_id = ANY(%(ids)s) LIMIT %(limit)s))
    RETURNING subject_id, kind_id
),
added AS (SELECT subject_id, kind_id, count(*) AS people FROM gone GROUP BY 1, 2),
{kept}
SELECT count(*) FROM gone
"""
_SCORES = """
SELECT m.name AS model, s.last_at, s.total FROM contacts_score s JOIN contacts_scoremodel m ON m.id = s.model_id
WHERE s.contact_id = ANY(%s) ORDER BY m.id
"""
_REASONS = """
SELECT m.name AS model, r.name AS rule, e.reason, e.points, e.occurred_at AS at
FROM contacts_scoreentry e LEFT JOIN contacts_scorerule r ON r.id = e.rule_id
JOIN contacts_scoremodel m ON m.id = e.model_id
WHERE e.contact_id = ANY(%s) ORDER BY e.occurred_at, e.event_id
"""
_FROM_WHERE = """
SELECT first_at, first_channel, first_facts, last_at, last_channel, last_facts FROM contact_touch
WHERE contact_id = ANY(%s) ORDER BY first_at
"""
_RANKS = "SELECT recency, frequency, monetary FROM contacts_buyerrank WHERE contact_id = ANY(%s)"


def _events(people: People, limit: int) -> int:
    """Delete events, keeping what the followers counted of them. Raises NotYet while some are not read."""
    held = _hold(people)
    if people.patient and _unread(people, held):
        raise NotYet("followers have not read her last events")
    counted = kind_ids(key for key in _counted_kinds() if key != "hit.reclassified")
    taken_back = kind_ids(["hit.reclassified"])["hit.reclassified"]
    params = {"ids": people.array, "limit": limit, "kinds": list(counted.values()), "taken_back": taken_back}
    return _number(_HELD + _EVENTS.format(kept=_sums(people)), params | held)


def _sums(people: People) -> str:
    return _KEEP_SUMS if people.counted else _TAKE_SUMS


def _counted_kinds() -> list[str]:
    assert TOTALS.kinds
    return TOTALS.kinds()


def _hold(people: People) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_LANES, [sorted({number & 63 for number in people.ids})])
        lanes = cursor.fetchall()
    return dict(zip(("shards", "txs", "ats"), (list(column) for column in zip(*lanes, strict=True)), strict=True))


def _unread(people: People, held: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_HELD + _UNREAD, {"ids": people.array, **held})
        return bool(cursor.fetchone()[0])


def _base(people: People, limit: int) -> int:
    counted = kind_ids(key for key in _counted_kinds() if key != "hit.reclassified")
    return _number(
        _BASE.format(kept=_sums(people)), {"ids": people.array, "limit": limit, "kinds": list(counted.values())}
    )


def _subjects(people: People, limit: int) -> int:
    kept = _KEEP_PEOPLE if people.counted else _TAKE_PEOPLE
    return _number(_SUBJECTS.format(kept=kept), {"ids": people.array, "limit": limit})


def _number(statement: str, params: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.fetchone()[0])


def _told(people: People) -> Iterator[Row]:
    """Yield the events as a timeline tells them, with all that is kept of each."""
    last: tuple[datetime, int] | None = None
    while events := timeline(people.ids, before=last, limit=_AT_ONCE, kinds=KINDS.keys()):
        yield from (_row(event) for event in events)
        last = (events[-1].occurred_at, events[-1].id)


def _row(event: PastEvent) -> Row:
    kind = kind_of(event.kind)
    about = " ".join(event.subject) if event.subject else ""
    return {
        "at": event.occurred_at, "what": kind.sentence(event), "kind": event.kind, "about": about,
        "value": event.value, "facts": dict(event.properties),
    }  # fmt: skip


def _many(*tables: str) -> Erase:
    """Return an eraser of several tables that are one kind of data."""
    erasers = [deleting(table) for table in tables]
    return lambda people, limit: sum(erase(people, limit) for erase in erasers)


EVENTS = PersonalData(
    "events",
    _("Activity"),
    ("event.contact_id", "event.origin_contact_id"),
    _events,
    _told,
    stays=_("Numbers of campaigns, pages and journeys stay as they are; nobody can be found behind them."),
)
OLD_EVENTS = PersonalData("event_base", _("Sums of old activity"), ("event_base.contact_id",), _base)
SUBJECTS = PersonalData("subjects", _("What was done how often"), ("subject_state.contact_id",), _subjects)
STATES = PersonalData(
    "states",
    _("Sums of activity"),
    ("contact_state.contact_id", "contact_seen.contact_id", "hit_verdict.contact_id"),
    _many("contact_state", "contact_seen", "hit_verdict"),
)
TOUCHES = PersonalData(
    "touches",
    _("Where the person came from"),
    ("contact_touch.contact_id", "contact_touch_base.contact_id"),
    _many("contact_touch", "contact_touch_base"),
    reading(_FROM_WHERE),
)
RANKS = rows("ranks", _("Rank among buyers"), "contacts_buyerrank", select=_RANKS)
SCORES = rows("scores", _("Scores"), "contacts_score", select=_SCORES)
REASONS = PersonalData(
    "score_entries",
    _("Reasons for scores"),
    ("contacts_scoreentry.contact_id", "score_entry_base.contact_id"),
    _many("contacts_scoreentry", "score_entry_base"),
    reading(_REASONS),
)
# Erased from the last to the first: what followers keep goes after the events it is made of.
LEDGER_DATA = [STATES, SUBJECTS, TOUCHES, RANKS, REASONS, SCORES, OLD_EVENTS, EVENTS]
