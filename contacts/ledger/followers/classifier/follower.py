"""Keeps a verdict for every raw hit and tells it to the ledger; a verdict that changes is taken back first.

Taking back is a hit.reclassified event at the time of the hit, caused by the event that no longer counts; so totals
over any window are the events of a kind less the hit.reclassified events that name the kind.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.append import NewEvent, append
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.ledger.followers.classifier.rules import SOON, WAIT, Hit, Verdict, judge
from contacts.ledger.kinds import KINDS
from contacts.ledger.ticks import Tick

MEMORY = timedelta(days=30)  # a verdict older than this is never changed again
EARLY = timedelta(seconds=10)  # a scanner may hit before the hand-over's answer is read and its time noted
_NEAR = (EARLY.total_seconds(), SOON.total_seconds())
SOURCE = "classifier"
_TOLD = {
    ("hit.opened", Verdict.HUMAN): "mail.opened",
    ("hit.opened", Verdict.MACHINE): "mail.opened_by_machine",
    ("hit.clicked", Verdict.HUMAN): "mail.clicked",
    ("hit.clicked", Verdict.MACHINE): "mail.clicked_by_machine",
}
TAKEN_BACK = frozenset(_TOLD.values())  # the kinds of which a later verdict may take an event back
_MAIL = "coalesce(e.properties ->> 'message', 'hit ' || e.id)"
# New hits, as waiting until judged; the follower judges them in the same transaction.
_NOTE_HITS = """
INSERT INTO hit_verdict (hit_id, mail, contact_id, subject_id, kind_id, at, due_at, verdict, facts)
SELECT e.id, {mail}, e.contact_id, e.subject_id, e.kind_id, e.occurred_at, e.occurred_at + make_interval(secs => %s),
       'waiting', e.properties
FROM {events} AS e WHERE e.kind_id = ANY(%s) ON CONFLICT (hit_id) DO NOTHING RETURNING mail
"""
_TOUCHED_BY_SENT = """
SELECT DISTINCT v.mail FROM {events} AS e JOIN hit_verdict v ON v.mail = e.properties ->> 'message'
WHERE e.kind_id = %s AND v.at BETWEEN e.occurred_at - make_interval(secs => %s)
                                      AND e.occurred_at + make_interval(secs => %s)
"""
_VERDICTS = """
SELECT v.mail, v.hit_id, v.contact_id, s.type, s.key, k.key, v.at, v.verdict, v.told_id, v.facts
FROM hit_verdict v JOIN ledger_kind k ON k.id = v.kind_id LEFT JOIN ledger_subject s ON s.id = v.subject_id
WHERE v.mail = ANY(%s) ORDER BY v.mail, v.at, v.hit_id FOR UPDATE OF v
"""
# Only a hand-over shortly before a hit matters, and that is found by the index on contact, kind and time.
_SENT = """
SELECT v.mail, min(e.occurred_at) FROM hit_verdict v
JOIN event e ON e.contact_id = v.contact_id AND e.kind_id = %s
    AND e.occurred_at BETWEEN v.at - make_interval(secs => %s) AND v.at + make_interval(secs => %s)
WHERE v.mail = ANY(%s) AND e.properties ->> 'message' = v.mail GROUP BY v.mail
"""
_CHANGE = """
UPDATE hit_verdict v SET verdict = n.verdict, due_at = NULL, told_id = n.told_id
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS n(hit_id, verdict, told_id) WHERE v.hit_id = n.hit_id
"""
_DUE = "SELECT DISTINCT mail FROM (SELECT mail FROM hit_verdict WHERE due_at <= %s ORDER BY due_at LIMIT 5000) AS due"


@dataclass(frozen=True)
class _Row:
    """A verdict as it stands, with what is needed to tell another one."""

    mail: str
    hit: Hit
    contact_id: int
    subject: tuple[str, str] | None
    kind: str
    verdict: Verdict
    told_id: int | None
    facts: dict[str, Any]


def kinds() -> list[str]:
    """Return the kinds that are followed: raw hits, and hand-overs, which may be recorded after a hit."""
    return [key for key in ("hit.opened", "hit.clicked", "mail.sent") if key in KINDS]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Judge the mails that got a hit, and those whose hand-over became known."""
    hits = [batch.kinds[key] for key in ("hit.opened", "hit.clicked")]
    mails: set[str] = set()
    if batch.has("hit.opened", "hit.clicked"):
        cursor.execute(_NOTE_HITS.format(events=batch.rows, mail=_MAIL), [WAIT.total_seconds(), hits])
        mails |= {mail for (mail,) in cursor.fetchall()}
    if batch.has("mail.sent"):
        cursor.execute(_TOUCHED_BY_SENT.format(events=batch.rows), [batch.kinds["mail.sent"], *_NEAR])
        mails |= {mail for (mail,) in cursor.fetchall()}
    judge_mails(cursor, mails, batch.now)


def judge_due(now: datetime) -> int:
    """Judge the mails whose waiting hits are due; return how many mails there were."""
    if not kinds():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DUE, [now])
        mails = [mail for (mail,) in cursor.fetchall()]
        judge_mails(cursor, mails, now)
    return len(mails)


def judge_mails(cursor: CursorWrapper, mails: Iterable[str], now: datetime) -> int:
    """Judge all hits on these mails and tell what is new or has changed; return how many verdicts changed."""
    wanted = sorted(mails)
    if not wanted:
        return 0
    cursor.execute(_VERDICTS, [wanted])
    rows = [_row(row) for row in cursor.fetchall()]
    cursor.execute(_SENT, [kind_ids(["mail.sent"])["mail.sent"], *reversed(_NEAR), wanted])
    sent = dict(cursor.fetchall())
    changed: list[_Row] = []
    for mail, group in groupby(rows, key=lambda row: row.mail):
        hits = list(group)
        verdicts = judge([row.hit for row in hits], sent.get(mail), now)
        changed += [replace(row, verdict=verdicts[row.hit.id]) for row in hits if _is_news(row, verdicts[row.hit.id])]
    _tell(cursor, changed, now)
    return len(changed)


def _is_news(row: _Row, verdict: Verdict) -> bool:
    """Tell whether a verdict must be told; one that was told never goes back to waiting."""
    return verdict not in (row.verdict, Verdict.WAITING)


def _row(columns: tuple[Any, ...]) -> _Row:
    mail, hit_id, contact_id, subject_type, subject_key, kind, at, verdict, told_id, facts = columns
    properties = json.loads(facts) if isinstance(facts, str) else facts
    return _Row(
        mail=mail,
        hit=_hit(hit_id, at, kind, properties),
        contact_id=contact_id,
        subject=(subject_type, subject_key) if subject_type else None,
        kind=kind,
        verdict=Verdict(verdict),
        told_id=told_id,
        facts=properties,
    )


def _hit(hit_id: int, at: datetime, kind: str, facts: dict[str, Any]) -> Hit:
    """Read what a hit's properties say; see docs/ledger.md for the names."""
    links = facts.get("links")
    return Hit(
        id=hit_id,
        at=at,
        link=str(facts.get("link", "?")) if kind == "hit.clicked" else "",
        method=str(facts.get("method", "GET")),
        agent=str(facts.get("agent", "")),
        proxy=str(facts.get("proxy") or ""),
        links=links if isinstance(links, int) else 0,
    )


def _tell(cursor: CursorWrapper, rows: Sequence[_Row], now: datetime) -> None:
    """Append what no longer holds and what is newly known, and note it."""
    if not rows:
        return
    now = max([now, *(row.hit.at for row in rows)])
    append([_taken_back(row) for row in rows if row.told_id is not None], source=SOURCE, now=now)
    ids = append([_news(row) for row in rows], source=SOURCE, now=now)
    cursor.execute(_CHANGE, [[row.hit.id for row in rows], [row.verdict.value for row in rows], ids])


def _news(row: _Row) -> NewEvent:
    return NewEvent(
        contact_id=row.contact_id,
        kind=_TOLD[row.kind, row.verdict],
        occurred_at=row.hit.at,
        subject=row.subject,
        properties=row.facts,
        cause=row.hit.id,
        depth=1,
    )


def _taken_back(row: _Row) -> NewEvent:
    before = Verdict.MACHINE if row.verdict == Verdict.HUMAN else Verdict.HUMAN
    return NewEvent(
        contact_id=row.contact_id,
        kind="hit.reclassified",
        occurred_at=row.hit.at,
        subject=row.subject,
        properties={"kind": _TOLD[row.kind, before], "hit": row.hit.id, "message": row.facts.get("message")},
        cause=row.told_id,
        depth=2,
    )


CLASSIFIER = Follower("classifier", apply, kinds=kinds)
DUE_HITS = Tick("due_hits", judge_due)
