"""Waking: people to whom something happened are due now. A tick of the follow process, which also wakes the workers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.dictionary import kind_ids
from contacts.ledger.ticks import Tick
from journeys.engine import leaving, live
from journeys.engine.live import Live
from journeys.engine.running import DUE
from journeys.engine.timing import BETWEEN
from journeys.engine.wake import wake

_RANGE = 2_000  # people noted, in one transaction
_TAKE = """
DELETE FROM journeys_touched WHERE id = ANY(ARRAY(
    SELECT id FROM journeys_touched ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING contact_id, kind_id
"""
_INSIDE = """
SELECT id, contact_id, step_id FROM journeys_enrolment WHERE contact_id = ANY(%s) AND ended_at IS NULL
"""
# Whoever is in the middle of a pass cannot be woken now, and must be after it: she is noted again.
_LOCK = "SELECT id FROM journeys_enrolment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
_WAKE = "UPDATE journeys_enrolment SET due_at = %s WHERE id = ANY(%s) AND ended_at IS NULL AND problem = ''"
_NOTE_AGAIN = """
INSERT INTO journeys_touched (contact_id, kind_id) SELECT * FROM unnest(%s::bigint[], %s::smallint[])
"""
# Who is to come into a journey whose conditions cannot be read waits, as people before a held step do (entering.py).
_SOMETHING = """
SELECT (EXISTS (SELECT FROM journeys_startrequest) AND EXISTS (
        SELECT FROM journeys_journey j WHERE j.state <> 'paused'
          AND EXISTS (SELECT FROM journeys_startrequest r WHERE r.journey_id = j.id)
          AND NOT EXISTS (
            SELECT FROM journeys_journeystep s JOIN journeys_journeyversion v ON v.id = s.version_id
            WHERE v.id = j.live_id AND s.look_again_at > %s AND s.key = v.graph ->> 'first')))
    OR EXISTS (SELECT FROM journeys_stepmove) OR EXISTS (SELECT FROM journeys_existingstart)
    OR EXISTS (SELECT FROM journeys_journey WHERE state = 'running' AND timed_to < %s)
    OR EXISTS ({due})
"""

type Touch = tuple[int, int | None]  # contact, kind (None: whatever she waits for)


def wake_touched(now: datetime, *, limit: int = _RANGE) -> int:
    """Make due whoever waits for what happened, and note the goals of those who are out; return how many were woken."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        touches = cursor.fetchall()
        if not touches:
            return 0
        now_live = live.current()
        woken = _wake(cursor, now_live, touches, now)
        return woken + _reach(cursor, now_live, touches, now)


def _wake(cursor: CursorWrapper, now_live: Live, touches: Collection[Touch], now: datetime) -> int:
    steps = _steps(now_live, {kind for _contact, kind in touches})
    cursor.execute(_INSIDE, [[contact for contact, _kind in touches]])
    inside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, contact, step in cursor.fetchall():
        inside[contact].append((number, step))
    wanted = {
        number: (contact, kind)
        for contact, kind in touches
        for number, step in inside[contact]
        if kind is None or step in steps[kind]
    }
    cursor.execute(_LOCK, [list(wanted)])
    free = {number for (number,) in cursor.fetchall()}
    cursor.execute(_WAKE, [now, list(free)])
    _note_again(cursor, {wanted[number] for number in wanted.keys() - free})
    return len(free)


def _steps(now_live: Live, kinds: Iterable[int | None]) -> Mapping[int, frozenset[int]]:
    keys = {number: key for key, number in kind_ids(now_live.wakes).items()}
    return {kind: now_live.wakes[keys[kind]] if kind in keys else frozenset() for kind in kinds if kind is not None}


def _note_again(cursor: CursorWrapper, touches: Collection[Touch]) -> None:
    if touches:
        cursor.execute(_NOTE_AGAIN, [[contact for contact, _ in touches], [kind for _, kind in touches]])


def _reach(cursor: CursorWrapper, now_live: Live, touches: Collection[Touch], now: datetime) -> int:
    keys = {number: key for key, number in kind_ids(now_live.goals).items()}
    people: dict[int, set[int]] = defaultdict(set)
    for contact, kind in touches:
        for journey in now_live.goals.get(keys.get(kind or 0, ""), ()):
            people[journey].add(contact)
    return sum(leaving.reach_after(cursor, journey, contacts, now) for journey, contacts in sorted(people.items()))


def anything_due(now: datetime) -> bool:
    """Tell whether workers have something to do."""
    with connection.cursor() as cursor:
        cursor.execute(_SOMETHING.format(due=DUE), [now, now - BETWEEN, now])
        return bool(cursor.fetchone()[0])


def tick(now: datetime) -> int:
    """Wake people, then a worker where there is something to do."""
    woken = wake_touched(now)
    if anything_due(now):
        wake()
    return woken


WAKING = Tick("journeys", tick)
