"""Coming in: requests are written by triggers and by hand, and taken in sets, one transaction a range.

Whoever is not let in is counted with the reason. Hold-outs (by a hash of journey and contact, so that a person is
always on the same side) are noted, get nothing, and end at once.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import Sql, compose
from journeys.engine import live, locks
from journeys.engine.asking import matching
from journeys.engine.live import Version
from journeys.engine.models import Enrolment, Refused
from journeys.engine.running import LOOK_AGAIN
from journeys.journey.models import Journey, JourneyState, JourneyStep
from journeys.kinds import ENTERED

RANGE = 2_000  # requests in one transaction
_WRITTEN_AT_ONCE = 20_000
_REQUEST = """
INSERT INTO journeys_startrequest (journey_id, contact_id, key, at, cause, facts)
SELECT %s, contact_id, %s, %s, %s, %s::jsonb FROM unnest(%s::bigint[]) AS n(contact_id)
"""
_JOURNEYS = """
WITH RECURSIVE asked AS (
    (SELECT journey_id FROM journeys_startrequest ORDER BY journey_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.journey_id FROM journeys_startrequest r WHERE r.journey_id > asked.journey_id
            ORDER BY r.journey_id LIMIT 1)
    FROM asked WHERE asked.journey_id IS NOT NULL
)
SELECT j.id FROM asked JOIN journeys_journey j ON j.id = asked.journey_id WHERE j.state <> 'paused' ORDER BY j.id
"""
_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS journey_coming (
    id bigint, contact_id bigint, key text, at timestamptz, cause bigint, facts jsonb, why text
) ON COMMIT DELETE ROWS
"""
_TAKE = """
WITH taken AS (
    DELETE FROM journeys_startrequest WHERE id = ANY(ARRAY(
        SELECT id FROM journeys_startrequest WHERE journey_id = %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )) RETURNING id, contact_id, key, at, cause, facts
)
INSERT INTO journey_coming SELECT id, contact_id, key, least(at, %s), cause, facts FROM taken
"""
# A merge holds both people: it is over, and seen by the next statement, or comes after this transaction.
_HOLD = """
SELECT FROM contacts_contact WHERE id IN (SELECT contact_id FROM journey_coming) ORDER BY id FOR KEY SHARE
"""
_REDIRECT = """
UPDATE journey_coming n SET contact_id = c.merged_into_id FROM contacts_contact c
WHERE c.id = n.contact_id AND c.merged_into_id IS NOT NULL
"""
_REFUSE = """
UPDATE journey_coming n SET why = CASE
    WHEN f.gone THEN 'gone' WHEN f.inside OR f.place > 1 THEN 'inside' WHEN f.again THEN 'again'
END
FROM (
    SELECT m.id, row_number() OVER (PARTITION BY m.contact_id, m.key ORDER BY m.at, m.id) AS place,
        c.id IS NULL AS gone,
        EXISTS (SELECT FROM journeys_enrolment e WHERE e.contact_id = m.contact_id AND e.journey_id = %s
            AND e.key = m.key AND e.ended_at IS NULL) AS inside,
        {again} AS again
    FROM journey_coming m LEFT JOIN contacts_contact c ON c.id = m.contact_id
) f WHERE f.id = n.id AND (f.gone OR f.inside OR f.again OR f.place > 1)
"""
# Asked person by person through the index of her enrolments: a hash of everybody's would be read whole.
_AGAIN = """EXISTS (SELECT FROM journeys_enrolment e WHERE e.contact_id = m.contact_id AND e.journey_id = %s
    AND e.key = m.key AND e."end" <> 'merged' AND {since})"""
_ENTER = """
WITH entered AS (
    INSERT INTO journeys_enrolment (journey_id, contact_id, key, step_id, visit, due_at, entered_at, arrived_at,
        ended_at, "end", problem, cause, facts)
    SELECT %s, n.contact_id, n.key, %s, 0, CASE WHEN NOT h.out THEN %s END, n.at, %s,
        CASE WHEN h.out THEN %s END, CASE WHEN h.out THEN 'held_out' ELSE '' END, '', n.cause, n.facts
    FROM journey_coming n CROSS JOIN LATERAL (
        SELECT ('x' || left(md5(%s || ':' || n.contact_id), 8))::bit(32)::bigint %% 100 < %s AS out
    ) h
    WHERE n.why IS NULL ORDER BY n.contact_id
    ON CONFLICT (contact_id, journey_id, key) WHERE ended_at IS NULL DO NOTHING
    RETURNING contact_id, key, cause, "end"
),
told AS (
    {insert}
    SELECT contact_id, %s, %s, %s, %s, NULL,
        %s::jsonb || CASE key WHEN '' THEN '{{}}' ELSE jsonb_build_object('key', key) END,
        cause, (cause IS NOT NULL)::int
    FROM entered WHERE "end" = '' ORDER BY contact_id
)
SELECT count(*) FROM entered
"""
_COUNT = """
INSERT INTO journeys_refusalcount AS r (journey_id, reason, day, n)
SELECT %s, why, (%s AT TIME ZONE 'UTC')::date, count(*) FROM journey_coming WHERE why IS NOT NULL
GROUP BY why ORDER BY why
ON CONFLICT (journey_id, reason, day) DO UPDATE SET n = r.n + excluded.n
"""


def request(
    journey_id: int,
    contacts: Sql | Collection[int],
    *,
    now: datetime,
    key: str = "",
    at: datetime | None = None,
    cause: int | None = None,
    facts: dict[str, Any] | None = None,
) -> int:
    """Ask that these people come in, and return how many were asked for; the engine lets them in soon after.

    `contacts`: ids, or a SELECT of ids. `key` keeps enrolments of one person apart, `at` (now) is when it was due,
    `facts` is what mails may show. Written in ranges, each a transaction unless the caller has one.
    """
    ids = _asked(contacts) if isinstance(contacts, Sql) else list(contacts)
    written = json.dumps(facts) if facts else None
    for chunk in batched(ids, _WRITTEN_AT_ONCE, strict=False):
        with connection.cursor() as cursor:
            cursor.execute(_REQUEST, [journey_id, key, at or now, cause, written, list(chunk)])
    return len(ids)


def _asked(people: Sql) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(people.text, people.params)
        return [contact for (contact,) in cursor.fetchall()]


def admit(now: datetime, *, limit: int = RANGE) -> int:
    """Take up to `limit` requests of each journey that is not paused, and return how many were taken."""
    with connection.cursor() as cursor:
        cursor.execute(_JOURNEYS)
        journeys = [number for (number,) in cursor.fetchall()]
    return sum(_admit(journey_id, now, limit) for journey_id in journeys)


def _admit(journey_id: int, now: datetime, limit: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        if not locks.share(journey_id) or not locks.admit(journey_id):
            return 0
        state = Journey.objects.values_list("state", flat=True).get(pk=journey_id)
        if state == JourneyState.PAUSED:
            return 0
        version = live.current().of_journey(journey_id) if state == JourneyState.RUNNING else None
        if version is not None and version.rules.broken:
            _hold(version, now)
            return 0
        if version is not None:
            _let_go(version)
        taken = _take(cursor, journey_id, now, limit)
        if taken:
            _let_in(cursor, version, now) if version else _refuse_all(cursor)
            cursor.execute(_COUNT, [journey_id, now])
        return taken


def _hold(version: Version, now: datetime) -> None:
    """Let them wait, and say why at the step at which they would start; it is looked at again after a while."""
    first = JourneyStep.objects.filter(pk=version.first)
    first.update(problem=version.rules.broken[:2_000], look_again_at=now + LOOK_AGAIN)


def _let_go(version: Version) -> None:
    """Take back what was said there, unless somebody stands before it: then the step itself says it."""
    here = Enrolment.objects.filter(step=version.first, ended_at=None)
    held = JourneyStep.objects.filter(pk=version.first).exclude(problem="")
    held.exclude(Exists(here)).update(problem="", look_again_at=None)


def _take(cursor: CursorWrapper, journey_id: int, now: datetime, limit: int) -> int:
    cursor.execute(_TABLE)
    cursor.execute("DELETE FROM journey_coming")
    cursor.execute(_TAKE, [journey_id, limit, now])
    return int(cursor.rowcount)


def _refuse_all(cursor: CursorWrapper) -> None:
    cursor.execute("UPDATE journey_coming SET why = %s", [Refused.CLOSED])


def _let_in(cursor: CursorWrapper, version: Version, now: datetime) -> None:
    cursor.execute(_HOLD)
    cursor.execute(_REDIRECT)
    while cursor.rowcount:
        cursor.execute(_REDIRECT)
    _refuse(cursor, version)
    _ask_entry(cursor, version, now)
    _enter(cursor, version, now)


def _refuse(cursor: CursorWrapper, version: Version) -> None:
    refusal = compose(_REFUSE, version.journey_id, again=_again(version))
    cursor.execute(refusal.text, refusal.params)


def _again(version: Version) -> Sql:
    rules = version.rules.stored
    if rules.again == "always":
        return Sql("false")
    if rules.again == "never":
        return compose(_AGAIN, version.journey_id, since=Sql("true"))
    return compose(
        _AGAIN, version.journey_id, since=Sql("e.entered_at > m.at - %s", (timedelta(days=rules.again_days),))
    )


def _ask_entry(cursor: CursorWrapper, version: Version, now: datetime) -> None:
    if version.rules.entry is None:
        return
    cursor.execute("SELECT contact_id FROM journey_coming WHERE why IS NULL")
    people = [contact for (contact,) in cursor.fetchall()]
    unfit = set(people) - matching(cursor, version.rules.entry, people, moment_at(now))
    if unfit:
        cursor.execute(
            "UPDATE journey_coming SET why = %s WHERE why IS NULL AND contact_id = ANY(%s)",
            [Refused.ENTRY, sorted(unfit)],
        )


def _enter(cursor: CursorWrapper, version: Version, now: datetime) -> None:
    subject = ("journey", str(version.journey_id))
    told = json.dumps({"name": version.name, "version": version.number}, ensure_ascii=False)
    statement = compose(
        _ENTER,
        version.journey_id,
        version.first,
        now,
        now,
        now,
        str(version.journey_id),
        version.rules.stored.hold_out,
        kind_ids([ENTERED])[ENTERED],
        subject_ids([subject])[subject],
        now,
        now,
        told,
        insert=Sql(INSERT),
    )
    cursor.execute(statement.text, statement.params)
