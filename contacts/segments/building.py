"""Finding all members of a segment from scratch: one SELECT over everybody, then ranges of ids, each a transaction.

Reading is no writer, so followers go on while it runs; a range is short. Nobody else changes the members meanwhile:
whoever is touched waits in a table, and the build ends by looking at these anew (docs/segments.md).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from contacts.everybody import work_mem
from contacts.ledger.position import ledger_position, unread_from
from contacts.segments import standing
from contacts.segments.changes import UNTOUCHED, News, Question, changed_counts
from contacts.segments.completing import complete, readers_of
from contacts.segments.follower import NOTING
from contacts.segments.index import Entry, entry_of
from contacts.segments.models import Membership, Segment, SegmentBuild, SegmentState
from contacts.segments.moments import moment_at
from contacts.segments.refreshing import inputs_are_behind
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.wake import wake
from crm.kit.pace import Pace
from crm.kit.work import LostLease, WorkState, backoff

log = logging.getLogger(__name__)

RANGE = 10_000  # contact ids: the least in a transaction, 0.1 s when all of them enter
_WIDEST = 64  # ranges in a transaction, where little changes
_SECONDS = 0.06  # of a transaction, aimed at
_MEMORY = 128  # MB, at least
_READING = 10  # leases: so long the one SELECT may take
_PATIENCE = timedelta(seconds=0.5)
_EVERYBODY = """
SELECT id / %s, array_agg(id)::text FROM ({everybody}) AS everybody(id) GROUP BY 1
"""
_WANTED = """
SELECT %s::bigint AS segment_id, found.id AS contact_id FROM unnest(%s::bigint[]) AS found(id)
WHERE found.id NOT IN (SELECT h.contact_id FROM contacts_byhand h WHERE h.segment_id = %s)
UNION ALL
SELECT h.segment_id, h.contact_id FROM contacts_byhand h JOIN contacts_contact c ON c.id = h.contact_id
WHERE h.segment_id = %s AND h.included AND c.merged_into_id IS NULL AND h.contact_id >= %s AND h.contact_id < %s
"""
_HELD = """
SELECT m.id, m.segment_id, m.contact_id FROM contacts_membership m
WHERE m.left_at IS NULL AND m.segment_id = %s AND m.contact_id >= %s AND m.contact_id < %s
"""
# Where nobody is in and nobody is told, nothing has to be compared: half the cost.
_FILL = """
INSERT INTO contacts_membership (segment_id, contact_id, entered_at)
SELECT w.segment_id, w.contact_id, %s FROM ({wanted}) AS w ORDER BY w.contact_id
"""

type Clock = Callable[[], datetime]


class _NotYet(Exception):
    """What the rule reads is still being counted."""


def run_due(clock: Clock) -> bool:
    """Claim one build that is due and do it; return whether there was one."""
    claimed = SegmentBuild.claim(clock())
    if not claimed:
        return False
    (build,) = claimed
    try:
        _run(build, clock)
    except LostLease:
        log.info("build of segment %s: taken over, changed or stopped", build.segment_id)
    except _NotYet:
        _give_back(build, clock() + _PATIENCE)
        wake(after=_PATIENCE)
    except (DataError, ProgrammingError) as error:
        log.warning("build of segment %s", build.segment_id, exc_info=True)
        standing.set_aside(build.segment_id, standing.unanswered(error), clock())
    except Exception as error:  # one segment that cannot be built keeps no other one from it
        log.exception("build of segment %s", build.segment_id)
        _try_again(build, error, clock())
    return True


def _give_back(build: SegmentBuild, due_at: datetime) -> None:
    """Let it be claimed again later; that it had to wait is no attempt."""
    try:
        build.retry(due_at, attempts=build.attempts - 1)
    except LostLease:
        log.info("build of segment %s: taken over, changed or stopped", build.segment_id)


def _try_again(build: SegmentBuild, error: Exception, now: datetime) -> None:
    if isinstance(error, OperationalError) and isinstance(error.__cause__, QueryCanceled):
        problem = _("The rule takes too long to answer for everybody. Narrow it.")
    elif build.attempts >= build.max_attempts:
        problem = f"{type(error).__name__}: {error}"
    else:
        build.retry(now + backoff(build.attempts), f"{type(error).__name__}: {error}")
        return
    standing.set_aside(build.segment_id, problem, now)


def _run(build: SegmentBuild, clock: Clock) -> None:
    segment = Segment.objects.get(pk=build.segment_id)
    entry = entry_of(segment)
    if entry.rule is None:
        standing.set_aside(segment.pk, entry.problem, clock(), build=WorkState.DONE)
        return
    _wait_for_what_is_read(build, entry, clock())
    if build.began_at is None:
        _begin(build, clock())
    found = _found(build, entry, clock)
    _write(build, segment, found, clock)
    while not complete(build, segment, clock()):
        pass


def _wait_for_what_is_read(build: SegmentBuild, entry: Entry, now: datetime) -> None:
    """Raise _NotYet while a segment that is read is built, or followers read what the ledger held at the first try."""
    if build.read_to is None:
        build.renew(now, read_to=ledger_position())
    unfinished = Segment.objects.filter(pk__in=entry.reads, state=SegmentState.BUILDING)
    if unfinished.exists() or inputs_are_behind() or unread_from() <= (build.read_to or 0):
        raise _NotYet


def _begin(build: SegmentBuild, now: datetime) -> None:
    """Let all passes end that may not know this rule yet: whatever is touched from now on is noted for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NOTING])
        Segment.objects.filter(pk=build.segment_id).update(flipped_to=now)
        cursor.execute("DELETE FROM contacts_segmentwaiting WHERE segment_id = %s", [build.segment_id])
        build.renew(now, began_at=now, upto=0, entered=0, left=0)


def _found(build: SegmentBuild, entry: Entry, clock: Clock) -> dict[int, str]:
    """Return who matches, as arrays in PostgreSQL's notation by range: text, since nobody here reads them."""
    assert entry.rule is not None
    seconds = settings.LEASE_SECONDS * _READING
    build.renew(clock(), seconds)
    everybody = compose(_EVERYBODY, RANGE, everybody=entry.rule.everybody(moment_at(clock())))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{work_mem(_MEMORY)}'")
        cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        cursor.execute(everybody.text, everybody.params)
        found = dict(cursor.fetchall())
        cursor.execute("SELECT coalesce(max(id), 0) FROM contacts_contact")
        top = cursor.fetchone()[0]
    build.renew(clock(), top=top)
    return found


def _write(build: SegmentBuild, segment: Segment, found: dict[int, str], clock: Clock) -> None:
    """Write range after range, several in a transaction: as many as fit when all is new, else while that is quick."""
    readers = readers_of(segment)
    is_first = not readers and not segment.was_built and not Membership.objects.filter(segment=segment).exists()
    pace = Pace(1, least=1, most=_WIDEST, seconds=_SECONDS)
    while build.upto <= build.top:
        with pace.timed() as learned:
            width = _fitting(found, build.upto) if is_first else learned
            low, high = build.upto, build.upto + width * RANGE
            part = _Part(low, high, _joined(found, low, high), readers, is_first)
            _range(build, segment, part, clock())


@dataclass(frozen=True)
class _Part:
    """The contact ids from `low` up to, without, `high`: an array of those found, and who reads the segment.

    `is_first`: nobody was ever in the segment, and no other segment looks.
    """

    low: int
    high: int
    found: str
    readers: list[int]
    is_first: bool


def _fitting(found: dict[int, str], low: int) -> int:
    """Return how many ranges from `low` on can be filled together, which depends only on how many people enter."""
    people = 0
    for width in range(_WIDEST):
        array = found.get(low // RANGE + width)
        people += array.count(",") + 1 if array else 0
        if people > RANGE:
            return max(1, width)
    return _WIDEST


def _joined(found: dict[int, str], low: int, high: int) -> str:
    arrays = [found[number] for number in range(low // RANGE, high // RANGE) if number in found]
    return "{" + ",".join(array[1:-1] for array in arrays) + "}"


def _range(build: SegmentBuild, segment: Segment, part: _Part, now: datetime) -> None:
    """Write who entered and who left among some ids, and move on, in one transaction.

    It need not wait for the disk: what a crash takes back, the place included, is done again.
    """
    wanted = Sql(_WANTED, (segment.pk, part.found, segment.pk, segment.pk, part.low, part.high))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        if part.is_first:
            entered, left = _filled(cursor, wanted, now), 0
        else:
            question = Question(wanted, Sql(_HELD, (segment.pk, part.low, part.high)), Sql(UNTOUCHED))
            entered, left = changed_counts(cursor, question, _news(segment), now, readers=part.readers)
        build.renew(now, upto=part.high, entered=build.entered + entered, left=build.left + left)


def _filled(cursor: CursorWrapper, wanted: Sql, now: datetime) -> int:
    statement = compose(_FILL, now, wanted=wanted)
    cursor.execute(statement.text, statement.params)
    return int(cursor.rowcount)


def _news(segment: Segment) -> News | None:
    """Return how it is told; the first build of a segment is told to nobody (docs/decisions/segments.md)."""
    of_stages = [segment.pk] if segment.is_of_stage else []
    return News({segment.pk: segment.name}, "definition", of_stages) if segment.was_built else None
