"""The follower that gives points: every rule over a batch in one statement; totals and entries move together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from contacts.ledger.append import NewEvent, append
from contacts.ledger.base import Base, Leaving, is_empty
from contacts.ledger.batch import Batch
from contacts.ledger.conditions import parse
from contacts.ledger.followers import Follower
from contacts.scoring import given
from contacts.scoring.buckets import BUCKETS
from contacts.scoring.models import CapPeriod, ScoreRule

# Caps count in the order of the ledger, so that a replay gives the same entries whatever the batches are.
_ENTER = """
WITH earned AS ({earned}),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY {each}, contact_id, bucket ORDER BY tx, event_id) AS place FROM earned
),
counted AS (
    SELECT * FROM ranked AS r
    WHERE cap IS NULL OR place + (
        SELECT count(*) FROM contacts_scoreentry AS had
        WHERE {same} AND had.contact_id = r.contact_id AND had.bucket = r.bucket
    ) <= cap
)
INSERT INTO contacts_scoreentry (model_id, rule_id, contact_id, event_id, occurred_at, points, bucket, reason)
SELECT model_id, rule_id, contact_id, event_id, occurred_at, points, bucket, reason FROM counted
ON CONFLICT {once} DO NOTHING
RETURNING model_id, contact_id, occurred_at, points
"""
_TOTAL = """
INSERT INTO contacts_score AS kept (model_id, contact_id, total, last_at, changed_at)
SELECT e.model_id, e.contact_id,
    sum(e.points * 2::float8 ^ (extract(epoch FROM e.occurred_at - m.anchor)::float8 / 86400 / m.half_life)),
    max(e.occurred_at), coalesce(%s, now())
FROM entered AS e JOIN contacts_scoremodel AS m ON m.id = e.model_id
GROUP BY e.model_id, e.contact_id
ORDER BY e.model_id, e.contact_id
ON CONFLICT (model_id, contact_id) DO UPDATE
SET total = kept.total + excluded.total, last_at = greatest(kept.last_at, excluded.last_at),
    changed_at = excluded.changed_at
RETURNING new.model_id, new.contact_id, new.last_at, coalesce(old.total, 0) AS before, new.total AS after
"""
# Who was not hot before the latest points and is with them; old news tell nobody anything.
_BECAME_HOT = """
SELECT t.model_id, t.contact_id, t.last_at FROM totals AS t JOIN contacts_scoremodel AS m ON m.id = t.model_id,
    LATERAL (
        SELECT m.hot_at * 2::float8 ^ (extract(epoch FROM t.last_at - m.anchor)::float8 / 86400 / m.half_life) AS least
    ) AS hot
WHERE t.before < hot.least AND t.after >= hot.least AND t.last_at > %s
"""
_NEWS = timedelta(days=1)
# What earned something and was dropped with its month: enough to give the points again and to cap merged people.
_FORGET_KEPT = """
DELETE FROM score_entry_base AS b USING {table} AS e
WHERE b.event_id = e.id AND e.contact_id >= %s AND e.contact_id < %s
"""
_KEEP = """
INSERT INTO score_entry_base (event_id, rule_id, contact_id, tx, occurred_at, month, {kept})
SELECT s.event_id, coalesce(s.rule_id, 0), coalesce(e.origin_contact_id, e.contact_id), e.tx, e.occurred_at, %s,
    {keeping}
FROM {table} AS e JOIN contacts_scoreentry AS s ON s.event_id = e.id
WHERE e.contact_id >= %s AND e.contact_id < %s
"""
_KEPT = """(
    SELECT contact_root(contact_id) AS contact_id, event_id AS id, rule_id, tx, occurred_at, model_id, points, reason,
        bucket
    FROM score_entry_base WHERE {scope} AND month IN (SELECT month FROM ledger_dropped)
)"""


@dataclass(frozen=True)
class _Statement:
    sql: str
    params: list[Any]


def active_kinds() -> list[str]:
    """Return the kinds of events that may change a score: what any rule in use looks at, and points that are given."""
    return sorted({*ScoreRule.objects.filter(active=True).values_list("kind", flat=True), given.KIND})


def _earned(source: str, batch: Batch, rules: list[ScoreRule]) -> _Statement | None:
    """Return the select of everything that `rules` give for the events in `source`, before caps."""
    return _together(
        [
            _earned_by(rule, source, *_matching(rule, batch.kinds[rule.kind]))
            for rule in rules
            if rule.kind in batch.kinds
        ]
    )


def _together(parts: list[_Statement]) -> _Statement | None:
    if not parts:
        return None
    return _Statement(" UNION ALL ".join(part.sql for part in parts), [p for part in parts for p in part.params])


def _matching(rule: ScoreRule, kind: int) -> tuple[str, list[Any]]:
    """Return the condition for events that fit the rule, with its parameters."""
    conditions = [condition.sql() for condition in parse(rule.conditions)]
    where = " AND ".join(["e.kind_id = %s", *(f"({sql})" for sql, _ in conditions)])
    return where, [kind, *(p for _, params in conditions for p in params)]


def _earned_by(rule: ScoreRule, source: str, where: str, params: list[Any]) -> _Statement:
    bucket, bucket_params = "NULL::date", []
    if rule.cap_times is not None:
        bucket = BUCKETS[CapPeriod(rule.cap_period)]
        bucket_params = [settings.TIME_ZONE] * bucket.count("%s")
    return _Statement(
        f"SELECT %s::bigint AS model_id, %s::bigint AS rule_id, e.contact_id, e.id AS event_id, e.tx, e.occurred_at, "  # noqa: S608 - values are parameters
        f"%s::float8 AS points, {bucket} AS bucket, %s::integer AS cap, '' AS reason FROM {source} AS e WHERE {where}",
        [rule.model_id, rule.pk, rule.points, *bucket_params, rule.cap_times, *params],
    )


def _rules() -> list[ScoreRule]:
    return list(ScoreRule.objects.filter(active=True).order_by("pk"))


def _enter(cursor: CursorWrapper, batch: Batch, source: str) -> None:
    """Write the entries that the events in `source` earn, and add them to the totals."""
    earned = _earned(source, batch, _rules())
    if earned is not None:
        _add(cursor, batch, _by_rules(earned.sql), earned.params)


def _enter_given(cursor: CursorWrapper, batch: Batch, source: str) -> None:
    """The same for points that were given with a reason."""
    told = given.told_in(source)
    _add(cursor, batch, _ENTER.format(earned=told, **given.ENTRY), given.params(batch.kinds[given.KIND]))


def _by_rules(earned: str) -> str:
    return _ENTER.format(earned=earned, each="rule_id", same="had.rule_id = r.rule_id", once="(event_id, rule_id)")


def _add(cursor: CursorWrapper, batch: Batch, enter: str, params: list[Any]) -> None:
    """Run `enter`, add its entries to the totals, and tell who became hot by them."""
    cursor.execute(
        f"WITH entered AS ({enter}), totals AS ({_TOTAL}) {_BECAME_HOT}",
        [*params, batch.now, batch.now - _NEWS],
    )
    append([_hot(*row) for row in cursor.fetchall()], source="scores", now=batch.now)


def _hot(model_id: int, contact_id: int, at: datetime) -> NewEvent:
    """Return the news that somebody became hot; at most one a day, also when points are counted anew."""
    day = timezone.localdate(at, timezone.get_default_timezone())
    key = f"{model_id}:{contact_id}:{day.isoformat()}"
    return NewEvent(contact_id, "lead.hot", at, subject=("score_model", str(model_id)), key=key, depth=1)


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Give the points of a batch's events."""
    _enter(cursor, batch, batch.rows)
    if batch.has(given.KIND):
        _enter_given(cursor, batch, batch.rows)


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Give the points of the batch's rebuilt contacts anew from all their events that still count."""
    clear(cursor, batch.rebuilt or ())
    if not is_empty(cursor):
        restore(cursor, Base.of_contacts(batch.rebuilt or ()))  # before what is newer, so that caps count in order
    _enter(cursor, batch, batch.history)
    _enter_given(cursor, batch, batch.history)


def clear(cursor: CursorWrapper, contacts: tuple[int, ...]) -> None:
    """Take away all points of these contacts."""
    cursor.execute("DELETE FROM contacts_scoreentry WHERE contact_id = ANY(%s)", [list(contacts)])
    cursor.execute("DELETE FROM contacts_score WHERE contact_id = ANY(%s)", [list(contacts)])


def reset(cursor: CursorWrapper) -> None:
    """Take away everybody's points, before a replay."""
    cursor.execute("TRUNCATE contacts_scoreentry, contacts_score")


def keep(cursor: CursorWrapper, leaving: Leaving) -> None:
    """Note which of the events about to be dropped earned something by which rule."""
    within = [leaving.low, leaving.high]
    cursor.execute(_FORGET_KEPT.format(table=leaving.table), within)
    cursor.execute(_KEEP.format(table=leaving.table, kept=given.KEPT, keeping=given.KEEPING), [leaving.month, *within])


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Give the points of dropped events again, as their rules give them today; a repeat adds nothing."""
    source = _KEPT.format(scope=base.scope)
    earned = _together([_earned_by(rule, source, "e.rule_id = %s", [rule.pk]) for rule in _rules()])
    if earned is not None:
        _add_old(cursor, _by_rules(earned.sql), earned.params)
    _add_old(cursor, _ENTER.format(earned=given.kept_in(source), **given.ENTRY), [])


def _add_old(cursor: CursorWrapper, enter: str, params: list[Any]) -> None:
    cursor.execute(
        f"WITH entered AS ({enter}), totals AS ({_TOTAL}) SELECT count(*) FROM totals",  # noqa: S608 - constants
        [*params, None],
    )


SCORES = Follower(
    name="scores",
    apply=apply,
    kinds=active_kinds,
    inputs=("identity", "classifier"),
    rebuild=rebuild,
    reset=reset,
    restore=restore,
    keep=keep,
)
