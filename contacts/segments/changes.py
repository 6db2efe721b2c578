"""Writing who entered and who left: one statement compares those who should be members with those who are.

Whoever calls holds the locks that docs/segments.md names; all that is written is in the caller's transaction.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.segments.rules.sql import Sql, compose

_DIFF = """
WITH wanted AS ({wanted}),
held AS ({held}),
apart AS MATERIALIZED (
    SELECT coalesce(w.segment_id, h.segment_id) AS segment_id, coalesce(w.contact_id, h.contact_id) AS contact_id, h.id
    FROM wanted w FULL JOIN held h ON h.segment_id = w.segment_id AND h.contact_id = w.contact_id
    WHERE w.contact_id IS NULL OR h.contact_id IS NULL
),
{sieve}
"""
# The name of the constraint's columns is repeated, since it is a partial index. Merged people leave without a word.
_WRITE = """
entered AS (
    INSERT INTO contacts_membership (segment_id, contact_id, entered_at)
    SELECT d.segment_id, d.contact_id, %s FROM diff d
    JOIN contacts_contact c ON c.id = d.contact_id AND c.merged_into_id IS NULL
    WHERE d.id IS NULL ORDER BY d.segment_id, d.contact_id
    ON CONFLICT (segment_id, contact_id) WHERE left_at IS NULL DO NOTHING
    RETURNING segment_id, contact_id
),
gone AS (
    UPDATE contacts_membership m SET left_at = greatest(m.entered_at, %s) FROM diff d
    WHERE m.id = d.id AND m.contact_id = d.contact_id AND m.left_at IS NULL
    RETURNING m.segment_id, m.contact_id
),
changed AS (
    SELECT segment_id, contact_id, true AS entering FROM entered
    UNION ALL SELECT segment_id, contact_id, false FROM gone
)
"""
_TELL = """,
told AS (
    {insert}
    SELECT ch.contact_id, CASE WHEN ch.entering THEN s.came ELSE s.went END, s.subject_id, %s, %s,
           NULL, s.facts::jsonb, NULL, 0
    FROM changed ch JOIN unnest(%s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::smallint[])
        AS s(segment_id, subject_id, facts, came, went) ON s.segment_id = ch.segment_id
    JOIN contacts_contact c ON c.id = ch.contact_id AND c.merged_into_id IS NULL
    ORDER BY ch.segment_id, ch.contact_id
)
"""
_HAND_ON = """,
handed_on AS (
    INSERT INTO contacts_segmenttouch (contact_id, segment_id)
    SELECT ch.contact_id, r.id FROM changed ch CROSS JOIN unnest(%s::bigint[]) AS r(id)
)
"""
_OF_AUDIENCES = ("segment.entered", "segment.left")
_OF_STAGES = ("stage_rule.began", "stage_rule.ended")
ALL_OF_IT = Sql("diff AS (SELECT * FROM apart),")
# What was touched meanwhile is judged at the end of the build, on what is known then.
UNTOUCHED = """
pending AS (
    SELECT a.segment_id, a.contact_id FROM apart a
    WHERE EXISTS (
        SELECT FROM contacts_segmenttouch t
        WHERE t.contact_id = a.contact_id AND (t.segment_id IS NULL OR t.segment_id = a.segment_id)
    )
),
kept_waiting AS (
    INSERT INTO contacts_segmentwaiting (segment_id, contact_id) SELECT segment_id, contact_id FROM pending
    ON CONFLICT DO NOTHING
),
diff AS (
    SELECT a.* FROM apart a
    WHERE NOT EXISTS (SELECT FROM pending p WHERE p.contact_id = a.contact_id)
      AND NOT EXISTS (SELECT FROM contacts_segmentwaiting w
                      WHERE w.segment_id = a.segment_id AND w.contact_id = a.contact_id)
),
"""


@dataclass(frozen=True)
class News:
    """How changes are told in the ledger: names by segment id, and a word for why. None of it for a first build.

    Those behind the rules of stages (`of_stages`) are told by kinds of their own, which no timeline shows.
    """

    names: Mapping[int, str]
    why: str
    of_stages: Collection[int] = ()


@dataclass(frozen=True)
class Question:
    """`wanted`: a SELECT of (segment_id, contact_id) who should be members; `held`: of the open (id, …) among these.

    `sieve` defines the CTE `diff` from the CTE `apart`.
    """

    wanted: Sql
    held: Sql
    sieve: Sql = ALL_OF_IT


def changed_pairs(
    cursor: CursorWrapper, question: Question, news: News | None, now: datetime
) -> list[tuple[int, int, bool]]:
    """Write the changes and return them as (segment, contact, whether she entered)."""
    _run(cursor, _written(question, now, news), "SELECT segment_id, contact_id, entering FROM changed")
    return [(segment, contact, entering) for segment, contact, entering in cursor.fetchall()]


def changed_counts(
    cursor: CursorWrapper, question: Question, news: News | None, now: datetime, *, readers: Collection[int]
) -> tuple[int, int]:
    """Write the changes of one segment, have its `readers` look at those who changed; return how many entered, left."""
    written = _written(question, now, news)
    if readers:
        handed_on = Sql(_HAND_ON, (sorted(readers),))
        written = compose("{before}{after}", before=written, after=handed_on)
    answer = "SELECT count(*) FILTER (WHERE entering), count(*) FILTER (WHERE NOT entering) FROM changed"
    _run(cursor, written, answer)
    entered, left = cursor.fetchone()
    return int(entered), int(left)


def _written(question: Question, now: datetime, news: News | None) -> Sql:
    diff = compose(_DIFF, wanted=question.wanted, held=question.held, sieve=question.sieve)
    told = _told(news, now) if news else Sql("")
    return compose("{diff}{write}{told}", diff=diff, write=Sql(_WRITE, (now, now)), told=told)


def _told(news: News, now: datetime) -> Sql:
    kinds = kind_ids([*_OF_AUDIENCES, *_OF_STAGES])
    told_as = {segment: _OF_STAGES if segment in news.of_stages else _OF_AUDIENCES for segment in news.names}
    segments = list(news.names)
    numbers = subject_ids(("segment", str(segment)) for segment in segments)
    facts = [json.dumps({"name": news.names[segment], "why": news.why}, ensure_ascii=False) for segment in segments]
    params = (
        now,
        now,
        segments,
        [numbers["segment", str(segment)] for segment in segments],
        facts,
        [kinds[told_as[segment][0]] for segment in segments],
        [kinds[told_as[segment][1]] for segment in segments],
    )
    return compose(_TELL, *params, insert=Sql(INSERT))


def _run(cursor: CursorWrapper, written: Sql, answer: str) -> None:
    cursor.execute(f"{written.text} {answer}", list[Any](written.params))
