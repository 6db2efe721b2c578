"""Running: one pass takes people due at one step, does the step to all of them, and moves them; one transaction.

Nothing is half done: whatever breaks a pass undoes it whole. Who breaks it is found by taking fewer at once, and set
aside; a step that cannot be run holds its people and says why.
"""

import json
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.append import INSERT
from contacts.ledger.dictionary import kind_ids, subject_ids
from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import Sql, compose
from crm.kit.pace import Pace
from crm.kit.passing import is_passing
from journeys.engine import leaving, live, locks
from journeys.engine.batch import TABLE, Batch
from journeys.engine.live import LiveStep, Version
from journeys.engine.models import Enrolment
from journeys.errors import StepBroken
from journeys.journey.models import JourneyStep
from journeys.kinds import LEFT

log = logging.getLogger(__name__)

FIRST, LARGEST = 2_500, 5_000  # people in a pass: more cost no less each
JUDGED = 2_000  # at most, where rules are asked: above, PostgreSQL hashes their sub-queries over everybody
_SECONDS = 0.1  # aimed at for a pass: followers wait behind it
_POISONED = 20  # people set aside in a row: then it is the step that cannot be run
ROUND = timedelta(minutes=1)  # the shortest stay where a loop begins anew
LOOK_AGAIN = timedelta(minutes=5)
# From step to step in the index of those inside, however many people there are.
DUE = """
WITH RECURSIVE place AS (
    (SELECT step_id FROM journeys_enrolment WHERE ended_at IS NULL ORDER BY step_id LIMIT 1)
    UNION ALL
    SELECT (SELECT e.step_id FROM journeys_enrolment e WHERE e.ended_at IS NULL AND e.step_id > place.step_id
            ORDER BY e.step_id LIMIT 1)
    FROM place WHERE place.step_id IS NOT NULL
)
SELECT s.id, s.version_id, s.problem <> '' FROM place
JOIN journeys_journeystep s ON s.id = place.step_id
JOIN journeys_journeyversion v ON v.id = s.version_id
JOIN journeys_journey j ON j.id = v.journey_id AND j.state IN ('running', 'finishing')
WHERE EXISTS (SELECT FROM journeys_enrolment e WHERE e.step_id = s.id AND e.ended_at IS NULL AND e.due_at <= %s)
  AND NOT EXISTS (SELECT FROM journeys_stepmove m WHERE m.step_id = s.id)
ORDER BY s.id
"""
_CLAIM = """
INSERT INTO journey_batch (id, contact_id, key, visit, at, arrived_at, entered_at, cause, first)
SELECT e.id, e.contact_id, e.key, e.visit, %s, e.arrived_at, e.entered_at, e.cause, NOT e.looked
FROM journeys_enrolment e
WHERE e.step_id = %s AND e.ended_at IS NULL AND e.due_at <= %s
  AND EXISTS (SELECT FROM journeys_journey j WHERE j.id = %s AND j.state IN ('running', 'finishing'))
  AND NOT EXISTS (SELECT FROM journeys_stepmove m WHERE m.step_id = %s)
ORDER BY e.due_at LIMIT %s FOR NO KEY UPDATE OF e SKIP LOCKED
"""
# A step that says "look again at once" is looked at a second later: it must not keep everybody else waiting.
_MOVE = """
WITH outcome (id, outlet, due_at, facts) AS ({outcome}),
way (outlet, step_id, at) AS (SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[])),
moved AS (
    UPDATE journeys_enrolment e SET
        step_id = coalesce(w.step_id, e.step_id),
        visit = e.visit + (o.outlet IS NOT NULL)::int,
        looked = o.outlet IS NULL,
        arrived_at = CASE WHEN w.step_id IS NULL THEN e.arrived_at ELSE %s END,
        due_at = CASE WHEN w.step_id IS NOT NULL THEN w.at
            WHEN o.outlet IS NULL AND o.due_at IS NOT NULL THEN greatest(o.due_at, %s) END,
        ended_at = CASE WHEN o.outlet IS NOT NULL AND w.step_id IS NULL THEN %s END,
        "end" = CASE WHEN o.outlet IS NOT NULL AND w.step_id IS NULL THEN 'completed' ELSE '' END
    FROM outcome o LEFT JOIN way w ON w.outlet = o.outlet
    WHERE e.id = o.id AND e.ended_at IS NULL
    RETURNING e.id, e.contact_id, old.visit AS visit, old.arrived_at AS arrived_at, o.outlet, o.facts, e.ended_at
),
traced AS (
    INSERT INTO journeys_trace (enrolment_id, visit, contact_id, step_id, outlet, arrived_at, left_at, facts)
    SELECT id, visit, contact_id, %s, outlet, arrived_at, %s, facts FROM moved WHERE outlet IS NOT NULL
),
counted AS (
    INSERT INTO journeys_stepcount AS s (step_id, outlet, hour, n)
    SELECT %s, outlet, date_trunc('hour', %s, 'UTC'), count(*) FROM moved WHERE outlet IS NOT NULL
    GROUP BY outlet ORDER BY outlet
    ON CONFLICT (step_id, outlet, hour) DO UPDATE SET n = s.n + excluded.n
),
told AS (
    {insert}
    SELECT contact_id, %s, %s, %s, %s, NULL, %s::jsonb, NULL, 0 FROM moved WHERE ended_at IS NOT NULL ORDER BY id
)
SELECT count(*) FROM moved
"""
_SET_ASIDE = """
UPDATE journeys_enrolment SET problem = %s, due_at = NULL WHERE id = %s AND step_id = %s AND ended_at IS NULL
"""


class _Failed(Exception):
    """The kind raised for so many people, or for one alone (her enrolment); the transaction is undone whole."""

    def __init__(self, size: int, alone: int | None, error: Exception) -> None:
        super().__init__(str(error))
        self.size, self.alone, self.error = size, alone, error


def _only(cursor: CursorWrapper) -> int:
    cursor.execute("SELECT id FROM journey_batch")
    return int(cursor.fetchone()[0])


@dataclass
class _Way:
    """How many people of a step are taken at once, and how many in a row were set aside."""

    pace: Pace = field(default_factory=lambda: Pace(min(FIRST, LARGEST), least=1, most=LARGEST, seconds=_SECONDS))
    aside: int = 0


@dataclass
class Runner:
    """Runs passes; remembers from one to the next how many people a step bears at once."""

    now: datetime
    seconds: float
    ways: ClassVar[dict[int, _Way]] = {}

    def run(self) -> int:
        """Run until nobody is due or the time is up; return how many people were taken, once for each step."""
        done, until = 0, time.monotonic() + self.seconds
        while took := self._round(until):
            done += took
        return done

    def _round(self, until: float) -> int:
        """Run one pass of each step at which somebody is due, as long as there is time."""
        took = 0
        for step_id, version_id, is_held in self._due():
            if time.monotonic() > until:
                break
            took += self.step(step_id, live.current().version(version_id), was_held=is_held)
        return took

    def _due(self) -> list[tuple[int, int, bool]]:
        with connection.cursor() as cursor:
            cursor.execute(DUE, [self.now])
            return list(cursor.fetchall())

    def step(self, step_id: int, version: Version, *, was_held: bool = False) -> int:
        """Run one pass of a step; a failure is dealt with so that the next pass comes further."""
        way = self.ways.setdefault(step_id, _Way())
        try:
            with way.pace.timed() as limit, transaction.atomic():
                took = self._pass(step_id, version, limit)
                if took and was_held:
                    JourneyStep.objects.filter(pk=step_id).update(problem="", look_again_at=None)
        except StepBroken as broken:
            return self._hold(step_id, version, str(broken))
        except _Failed as failed:
            return self._narrow(step_id, version, failed)
        except DatabaseError as error:
            if is_passing(error) and not connection.connection.closed:
                log.warning("a pass of step %s gave way: %s", step_id, error)
                return 0
            raise
        way.aside = 0 if took else way.aside
        return took

    def _pass(self, step_id: int, version: Version, limit: int) -> int:
        with connection.cursor() as cursor:
            most = JUDGED if version.steps[step_id].kind.judges else limit
            took = self._claim(cursor, step_id, version, min(limit, most))
            if not took:
                return 0
            left = 0 if version.rules.broken else leaving.leave(cursor, version.journey_id, version.rules, self.now)
            step = version.step(step_id)
            if took > left:
                self._do(cursor, step, version, took - left)
            return took

    def _claim(self, cursor: CursorWrapper, step_id: int, version: Version, limit: int) -> int:
        if not locks.share(version.journey_id):
            return 0
        cursor.execute(TABLE)
        cursor.execute("DELETE FROM journey_batch")
        cursor.execute(_CLAIM, [self.now, step_id, self.now, version.journey_id, step_id, limit])
        return int(cursor.rowcount)

    def _do(self, cursor: CursorWrapper, step: LiveStep, version: Version, size: int) -> None:
        """Let the kind act and say who leaves by which outlet; move them."""
        batch = Batch(cursor, "journey_batch", size, step.place, moment_at(self.now))
        alone = _only(cursor) if size == 1 else None
        try:
            step.kind.act(batch)
            self.move(cursor, step, version, step.kind.outcome(batch))
        except StepBroken:
            raise
        except DatabaseError as error:
            if is_passing(error) or connection.connection.closed:
                raise
            raise _Failed(size, alone, error) from error
        except Exception as error:
            raise _Failed(size, alone, error) from error
        if cursor.fetchone()[0] != size:
            raise StepBroken(f"{step.kind.key}: not everybody was given an answer")

    def move(self, cursor: CursorWrapper, step: LiveStep, version: Version, outcome: Sql) -> None:
        """Move those of `outcome` (as a kind answers), with trace, count and event; in the caller's transaction."""
        subject = ("journey", str(version.journey_id))
        told = {"name": version.name, "why": "completed"}
        now = self.now
        params = (
            *(list(step.targets), list(step.targets.values())),
            [now + (ROUND if outlet in step.rounds else timedelta()) for outlet in step.targets],
            *(now, now + timedelta(seconds=1), now),
            *(step.id, now, step.id, now),
            *(kind_ids([LEFT])[LEFT], subject_ids([subject])[subject], now, now, json.dumps(told, ensure_ascii=False)),
        )
        statement = compose(_MOVE, *params, outcome=outcome, insert=Sql(INSERT))
        cursor.execute(statement.text, statement.params)

    # --- what goes wrong ---
    def _narrow(self, step_id: int, version: Version, failed: _Failed) -> int:
        """Take fewer next time; a person who breaks the step alone is set aside with the reason."""
        way = self.ways[step_id]
        log.warning("step %s failed for %s people", step_id, failed.size, exc_info=failed.error)
        if failed.size > 1:
            way.pace.width = failed.size // 2
            return 1
        way.aside += 1
        reason = f"{type(failed.error).__name__}: {failed.error}"[:2_000]
        if way.aside > _POISONED:
            way.aside = 0
            return self._hold(step_id, version, reason)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_SET_ASIDE, [reason, failed.alone, step_id])
        return 1

    def _hold(self, step_id: int, version: Version, reason: str) -> int:
        """Let everybody wait before a step that cannot be run, but for those who are to go out."""
        again = self.now + LOOK_AGAIN
        JourneyStep.objects.filter(pk=step_id).update(problem=reason[:2_000], look_again_at=again)
        took = held = self._hold_some(step_id, version, again)
        while held == LARGEST:
            held = self._hold_some(step_id, version, again)
            took += held
        return took

    def _hold_some(self, step_id: int, version: Version, again: datetime) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            took = self._claim(cursor, step_id, version, LARGEST)
            if took and not version.rules.broken:
                leaving.leave(cursor, version.journey_id, version.rules, self.now)
            cursor.execute(
                "UPDATE journeys_enrolment e SET due_at = %s FROM journey_batch b WHERE e.id = b.id", [again]
            )
            return took


def run_due(now: datetime, *, seconds: float = 3_600) -> int:
    """Run everybody who is due at `now` until nobody is; return how many people were taken, once for each step."""
    return Runner(now, seconds).run()


def try_again(step_id: int, *, now: datetime) -> int:
    """Have a step tried at once, also for those set aside at it; return for how many people."""
    JourneyStep.objects.filter(pk=step_id).update(problem="", look_again_at=None)
    return Enrolment.objects.filter(step=step_id, ended_at=None).update(problem="", due_at=now)
