"""Looking at touched people anew, four times a second: the queue of touches that the follower and the clock fill.

Everything is judged at the time of the look, from what the followers have computed by then.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import DataError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.dictionary import kind_ids
from contacts.ledger.position import EVERYTHING_READ, unread_from
from contacts.ledger.ticks import Tick
from contacts.segments import index as segment_index
from contacts.segments import standing
from contacts.segments.follower import INPUTS
from contacts.segments.index import Index
from contacts.segments.judging import People, judge, with_colleagues
from contacts.segments.models import SegmentState
from crm.kit.pace import Pace

log = logging.getLogger(__name__)

_MOST, _FEWEST = 2_000, 50  # touches in one transaction
# What touches lead to (people who enter, stages that move) holds up the followers, so it comes in small pieces. Only
# when more of these were full in a row, because many wait, are the next ones wider.
_SMALL, _SMALL_ONES = 100, 12
_SECONDS = 0.04  # of a transaction, aimed at
_LONGEST = 0.01  # seconds of one call after which no other transaction is begun
# An array is asked for once; a plain IN may be asked again for each row, passing over what it took: all are taken then.
_TAKE = """
DELETE FROM contacts_segmenttouch WHERE id = ANY(ARRAY(
    SELECT id FROM contacts_segmenttouch WHERE tx < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING contact_id, kind_id, segment_id
"""
# While what rules read is being computed anew, everybody would seem to have left.
_INPUTS_BEHIND = "SELECT EXISTS (SELECT FROM follower_behind WHERE name = ANY(%s))"
_LOCK = "SELECT id, state FROM contacts_segment WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_WAIT = """
INSERT INTO contacts_segmentwaiting (segment_id, contact_id)
SELECT s, c FROM unnest(%s::bigint[], %s::bigint[]) AS w(s, c) ON CONFLICT DO NOTHING
"""

type Touch = tuple[int, int | None, int | None]  # contact, kind, segment


def inputs_are_behind() -> bool:
    """Tell whether a follower whose results rules read is catching up."""
    with connection.cursor() as cursor:
        cursor.execute(_INPUTS_BEHIND, [[*INPUTS, "segments"]])
        return bool(cursor.fetchone()[0])


class Refresh:
    """Takes touches until none is left or its time is up; takes fewer at once where they cost much."""

    def __init__(self) -> None:
        self._begin_again()
        self._mended: Index | None = None

    def run(self, now: datetime) -> int:
        """Look at touched people and return how many touches were done."""
        self._mend(now)
        if inputs_are_behind():
            return 0
        done, until, read_to = 0, time.monotonic() + _LONGEST, unread_from()
        while time.monotonic() < until:
            started = time.monotonic()
            taken = self._take(now, read_to)
            done += taken
            if taken < self._pace.width:
                self._begin_again()
                break
            self._full += 1
            if self._full > _SMALL_ONES:
                self._pace.learn(time.monotonic() - started)
        return done

    def _begin_again(self) -> None:
        self._pace, self._full = Pace(_SMALL, least=_FEWEST, most=_MOST, seconds=_SECONDS), 0

    def _mend(self, now: datetime) -> None:
        """Set aside what can no longer be read and take back what can, whenever something changed."""
        index = segment_index.current()
        if index is not self._mended:
            standing.mend(index, now)
            self._mended = index

    def _take(self, now: datetime, read_to: int) -> int:
        try:
            return refresh(now, self._pace.width, read_to=read_to)
        except (DataError, ProgrammingError):
            log.warning("a segment cannot be asked; looking for it", exc_info=True)
            return refresh(now, self._pace.width, read_to=read_to, one_by_one=True)


def refresh(now: datetime, limit: int = _MOST, *, read_to: int = EVERYTHING_READ, one_by_one: bool = False) -> int:
    """Take up to `limit` touches, in one transaction, and return how many there were.

    Touches noted while the ledger held something unread (from `read_to` on) stay: from half a past people would be
    seen to leave and to come back. It never waits for good, since what is recorded later does not count.
    Touches are taken before the rules are looked up: who saved a rule after that reads, in its build, what they saw.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [read_to, limit])
        touches = cursor.fetchall()
        if touches:
            index = segment_index.current()
            _refresh(cursor, index, touched_people(cursor, index, touches), now, one_by_one=one_by_one)
    return len(touches)


def _refresh(cursor: CursorWrapper, index: Index, people: People, now: datetime, *, one_by_one: bool) -> None:
    everyone = index.with_readers(people)
    cursor.execute(_LOCK, [sorted(everyone)])
    states = dict(cursor.fetchall())
    building = [segment for segment, state in states.items() if state == SegmentState.BUILDING]
    _let_wait(cursor, building, people)
    ready = [segment for segment, state in states.items() if state == SegmentState.READY]
    wanted = {segment: set(people.get(segment, ())) for segment in ready}
    if one_by_one:
        _judge_one_by_one(cursor, index, wanted, now)
        return
    changed = judge(cursor, index, wanted, now, news="activity")
    _let_wait(cursor, building, _of_readers(index, changed))


def _of_readers(index: Index, changed: Iterable[tuple[int, int, bool]]) -> People:
    people: People = defaultdict(set)
    for segment, contact, _entered in changed:
        for reader in index.readers.get(segment, ()):
            people[reader].add(contact)
    return people


def _let_wait(cursor: CursorWrapper, building: Iterable[int], people: People) -> None:
    pairs = sorted((segment, contact) for segment in building for contact in people.get(segment, ()))
    if pairs:
        cursor.execute(_WAIT, [[segment for segment, _ in pairs], [contact for _, contact in pairs]])


def _judge_one_by_one(cursor: CursorWrapper, index: Index, people: People, now: datetime) -> None:
    """Judge each segment for itself and set aside those that PostgreSQL cannot answer."""
    for segment in sorted(people, key=index.level):
        try:
            with transaction.atomic():
                changed = judge(cursor, index, {segment: people[segment]}, now, news="activity")
        except (DataError, ProgrammingError) as error:
            standing.set_aside(segment, standing.unanswered(error), now)
        else:
            for reader, contacts in _of_readers(index, changed).items():
                if reader in people:
                    people[reader] |= contacts


def touched_people(cursor: CursorWrapper, index: Index, touches: Sequence[Touch]) -> People:
    """Return whom to look at for which segment."""
    keys = {number: key for key, number in kind_ids(index.by_kind).items()}
    people: People = defaultdict(set)
    for contact, kind, segment in touches:
        for wanted in _wanted(index, keys, kind, segment):
            people[wanted].add(contact)
    for segment in people:
        rule = index.entries[segment].rule
        if rule is not None and rule.widens_to_account():
            people[segment] |= with_colleagues(cursor, people[segment])
    return people


def _wanted(index: Index, keys: dict[int, str], kind: int | None, segment: int | None) -> Iterable[int]:
    if segment is not None:
        return (segment,) if segment in index.entries else ()
    if kind is None:
        return index.entries
    return index.by_kind.get(keys.get(kind, ""), ())


TOUCHED = Tick("segments_touched", Refresh().run)
