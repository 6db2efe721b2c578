"""People taken elsewhere by a new version or an archived journey, and those who fit already taken in: in ranges."""

from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import compose
from journeys.engine import entering, leaving, live, locks
from journeys.engine.live import LiveTrigger
from journeys.engine.models import ExistingStart
from journeys.journey.models import Journey, JourneyState, StepMove

RANGE = 5_000  # people in one transaction
_PEOPLE = """
SELECT id FROM journeys_enrolment WHERE step_id = %s AND ended_at IS NULL AND arrived_at <= %s
ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
# Who goes to the card she is at already keeps the time of her arrival: what she waits for is counted from there.
_GO = """
WITH moved AS (
    UPDATE journeys_enrolment e SET step_id = %s, due_at = %s, problem = '',
        arrived_at = CASE WHEN %s THEN e.arrived_at ELSE %s END, visit = e.visit + (NOT %s)::int,
        looked = %s AND e.looked
    WHERE e.id = ANY(%s) RETURNING e.id, e.contact_id, old.visit AS visit, old.arrived_at AS arrived_at
)
INSERT INTO journeys_trace (enrolment_id, visit, contact_id, step_id, outlet, arrived_at, left_at)
SELECT id, visit, contact_id, %s, 'moved', arrived_at, %s FROM moved WHERE NOT %s
"""
_FIT = "SELECT contact_id FROM ({fits}) AS f (contact_id) WHERE contact_id > %s ORDER BY contact_id LIMIT %s"


def move_people(now: datetime) -> int:
    """Move the next people of every pending move, and return how many were moved."""
    moves = StepMove.objects.select_related("step__version", "to").order_by("pk")
    return sum(_move(move, now) for move in moves)


@transaction.atomic
def _move(move: StepMove, now: datetime) -> int:
    journey_id = move.step.version.journey_id
    with connection.cursor() as cursor:
        if not locks.share(journey_id) or not _still_there(move):
            return 0
        cursor.execute(_PEOPLE, [move.step_id, move.at, RANGE])
        people = [number for (number,) in cursor.fetchall()]
        if len(people) < RANGE:
            StepMove.objects.filter(pk=move.pk).delete()
        if move.to is None:
            leaving.end(cursor, journey_id, dict.fromkeys(people, move.end), now)
        elif people:
            same = move.to.key == move.step.key
            cursor.execute(_GO, [move.to.pk, now, same, now, same, same, people, move.step_id, now, same])
    return len(people)


def _still_there(move: StepMove) -> bool:
    """Hold the move; another worker may have ended it."""
    return StepMove.objects.select_for_update(skip_locked=True).filter(pk=move.pk).first() is not None


def start_existing(now: datetime) -> int:
    """Ask for the next people who fit triggers already, and return how many were asked for."""
    waiting = ExistingStart.objects.exclude(journey__state=JourneyState.PAUSED).order_by("pk")
    return sum(_start(row.pk, now) for row in waiting)


@transaction.atomic
def _start(row_id: int, now: datetime) -> int:
    row = ExistingStart.objects.select_for_update(skip_locked=True).filter(pk=row_id).first()
    if row is None:
        return 0
    with connection.cursor() as cursor:
        people = _next_fitting(cursor, row, now)
    entering.request(row.journey_id, people, now=now, at=row.at)
    if len(people) < RANGE:
        row.delete()
    else:
        ExistingStart.objects.filter(pk=row.pk).update(after=people[-1])
    return len(people)


def _next_fitting(cursor: CursorWrapper, row: ExistingStart, now: datetime) -> list[int]:
    trigger = _trigger(row)
    fits = trigger.kind.fits_now(trigger.cleaned, moment_at(now)) if trigger else None
    if fits is None:
        return []
    asked = compose(_FIT, row.after, RANGE, fits=fits)
    cursor.execute(asked.text, asked.params)
    return [contact for (contact,) in cursor.fetchall()]


def _trigger(row: ExistingStart) -> LiveTrigger | None:
    """Return the trigger; None when the journey takes nobody in any more, or no longer by this way."""
    if not Journey.objects.filter(pk=row.journey_id, state=JourneyState.RUNNING).exists():
        return None
    found = (one for one in live.current().triggers if (one.journey_id, one.key) == (row.journey_id, row.trigger))
    return next(found, None)
