"""The process behind `manage.py follow`: it leads shards, polls the ledger, runs passes and the timed work beside them.

`catch_up` does the same at once and in this process, for tests and for loading demo data.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection

from contacts.ledger.batch import OWN_HORIZON
from contacts.ledger.lanes import SHARDS
from contacts.ledger.passes import LARGEST, Reach, enrol, main_pass, straggler_pass
from contacts.ledger.ticks import TICKS
from crm.kit import clock
from crm.kit.pace import Pace
from crm.kit.prepared import array, prepared_cursor

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.03
_REST = 0.015  # seconds after a round that found something
_WORTH_A_PASS = 2_000  # events; below it a pass mostly pays for itself, so a short rest lets more events gather
LOCK_CLASS = 7_237  # advisory locks (LOCK_CLASS, shard): who holds one leads that shard
_PASS_SECONDS = 0.3  # aimed at
_FEWEST = 500  # events in a batch
# Events in a batch of who catches up: meanwhile the others wait for it, so it goes in short steps.
_CATCHING_UP = 3_000
_LEAD = """
SELECT shard FROM unnest(%s::int[]) AS s(shard) WHERE pg_try_advisory_lock(%s, shard) ORDER BY shard
"""
# Prepared: planning it over all partitions takes half a millisecond, twenty times as long as looking.
_NEWS = """
SELECT EXISTS (
    SELECT FROM event WHERE tx < ledger_horizon() AND (tx, id) >
        (SELECT tx, event_id FROM ledger_lane WHERE shard = ANY(%s::int[]) ORDER BY tx, event_id LIMIT 1)
) OR EXISTS (SELECT FROM follower_behind b JOIN follower_state s USING (name) WHERE s.stopped_at IS NULL)
"""


def catch_up(now: datetime) -> int:
    """Follow all events there are, also those of the running transaction, and return how many passes held events.

    For tests and for loading data while nobody else writes: the caller's own uncommitted events count as safe.
    Timed work that is due at `now` is done too.
    """
    enrol(now)
    reach = Reach(horizon=OWN_HORIZON)
    passes = 0
    while main_pass(now, reach) or straggler_pass(now, reach) or run_ticks(now):
        passes += 1
    return passes


def run_ticks(now: datetime) -> int:
    """Do all timed work that is due and return how much was done."""
    return sum(tick.run(now) for tick in TICKS)


@dataclass
class Loop:
    """The follow process. `stop()` lets it finish its pass and leave within a second."""

    wanted: Sequence[int] = SHARDS
    poll_seconds: float = POLL_SECONDS
    now: Callable[[], datetime] = clock.now
    led: list[int] = field(default_factory=list)
    _stopping: bool = False
    _pace: Pace = field(default_factory=lambda: Pace(LARGEST, least=_FEWEST, most=LARGEST, seconds=_PASS_SECONDS))
    _idle_since: datetime | None = None  # when timed work found nothing to do

    def stop(self) -> None:
        """End after the running pass."""
        self._stopping = True

    def run(self, *, once: bool = False, until_idle: bool = False) -> None:
        """Follow until stopped; `once`: one round; `until_idle`: until all that was written before the call is done."""
        enrol(self.now())
        written = _own_position() if until_idle else 0
        while not self._stopping:
            safe = _horizon() if until_idle else 0  # asked before the round: what became safe since was not read in it
            worked = self._round_or_rest()
            if once or (until_idle and not worked and safe > written):
                break
            if worked < _WORTH_A_PASS:
                time.sleep(min(self.poll_seconds, _REST) if worked else self.poll_seconds)
        self._resign()

    def _round_or_rest(self) -> int:
        """Do one round; after a lost connection or a deadlock wait a little and say that there is work."""
        try:
            return self.round()
        except (OperationalError, InterfaceError) as error:
            logger.warning("follow: %s; trying again", error)
            connection.close_if_unusable_or_obsolete()
            if connection.connection is None:
                self.led = []
            time.sleep(max(self.poll_seconds, 0.2))
            return 1

    def round(self) -> int:
        """Lead what is free, follow one batch, catch stragglers up, do timed work; return how much was done."""
        self._lead()
        if not self.led:
            return 0
        done = 0
        if self._news():
            led = tuple(self.led)
            with self._pace.timed() as limit:
                done = main_pass(self.now(), Reach(led, limit))
                done += straggler_pass(self.now(), Reach(led, min(limit, _CATCHING_UP)))
        return done + self._ticks()

    def _news(self) -> bool:
        with prepared_cursor() as cursor:
            cursor.execute(_NEWS, [array(self.led)])
            return cursor.fetchone() == (True,)

    def _ticks(self) -> int:
        now = self.now()
        if 0 not in self.led or (self._idle_since and now - self._idle_since < timedelta(seconds=0.25)):
            return 0
        done = run_ticks(now)
        self._idle_since = None if done else now
        return done

    def _lead(self) -> None:
        if not self.led:
            self._need_not_wait_for_the_disk()
        missing = sorted(set(self.wanted) - set(self.led))
        if missing:
            with connection.cursor() as cursor:
                cursor.execute(_LEAD, [missing, LOCK_CLASS])
                self.led = sorted([*self.led, *(shard for (shard,) in cursor.fetchall())])

    @staticmethod
    def _need_not_wait_for_the_disk() -> None:
        """Let commits of this session return early: what a crash takes back is read and followed again."""
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")

    def _resign(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_unlock(%s, shard) FROM unnest(%s::int[]) AS s(shard)", [LOCK_CLASS, self.led]
            )
        self.led = []


def _own_position() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint + ledger_offset()")
        return int(cursor.fetchone()[0])


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_horizon()")
        return int(cursor.fetchone()[0])
