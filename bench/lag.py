"""How far the followers lag behind 1,000 events a second, alone and beside each kind of bulk work (bench/loads.py).

The follow process is the product's own, and the load works in a process of its own, as it does in production: a
thread of this one would keep the clock from being read. During a rebuild the one that is rebuilt is behind by design:
measured are the others. What an open transaction holds up is told with each figure: the age of the oldest one that
writes.
"""

import contextlib
import itertools
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

import psycopg

from bench.broker import broker
from bench.harness import ROOT, Bench, WrongResultError, percentile
from bench.ledger import NOW, events_of, number, people
from bench.loads import LOADS, Work

SIZES = {"events": (100_000, 1_000_000), "contacts": (50_000, 1_000_000), "seconds": (12, 60)}
PER_SECOND, EVENTS = 100, 10  # commits, and events in each
WARM_SECONDS = 3  # at the start of each case, not counted: plans and caches of the sessions
PATIENCE = 60.0  # seconds
TARGETS = ((0.5, None), (0.95, 100), (0.99, 1000))  # share, most ms
_OLDEST_WRITER = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND datname = current_database()
"""
_BEHIND = """
SELECT (SELECT count(*) FROM follower_behind) + (SELECT count(*) FROM ledger_lane WHERE (tx, event_id) <
    (SELECT e.tx, e.id FROM event e ORDER BY e.tx DESC, e.id DESC LIMIT 1))
"""
_FOLLOWED = "SELECT tx, event_id FROM ledger_lane ORDER BY tx, event_id LIMIT 1"


@dataclass
class Case:
    """What is written and seen in one case. A position is (tx, event id), a time that of the monotonic clock."""

    seconds: int
    commits: list[tuple[tuple[int, int], float]] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)  # seconds, of the commit of the same index
    oldest: float = 0.0  # seconds, of a transaction that writes

    @property
    def total(self) -> int:
        """Return how many commits are to be written."""
        return (WARM_SECONDS + self.seconds) * PER_SECOND


def run(bench: Bench) -> None:
    """Measure the lag beside each load; at the end every event must have been counted once."""
    from contacts.ledger.append import append
    from contacts.ledger.dictionary import kind_ids

    people(bench)
    kind_ids(["page.viewed", "mail.sent"])
    with broker(), _follow_process():
        append(events_of(bench, 1000, 3), source="bench", now=NOW)  # waited for below: a first pass is slow
        _until_staged()
        for name, prepare in LOADS.items():
            work = prepare(bench)
            _until_followed()
            _record(bench, name, *_measured(bench, work))
        _until_followed()
    _check_counts(bench)


def _check_counts(bench: Bench) -> None:
    """Find every event that was written counted once, those of the rebuilds too."""
    of_kind = "JOIN ledger_kind k ON k.id = kind_id WHERE key = 'page.viewed'"
    written, counted = (
        number(f"SELECT {what} {of_kind}") for what in ("count(*) FROM event", "sum(n) FROM contact_state")
    )
    least = len(LOADS) * Case(bench.size("seconds")).total * EVENTS
    bench.check(written >= least, f"only {written} of {least} events are there")
    bench.check(counted == written, f"{counted} events were counted, not {written}")


def _measured(bench: Bench, work: Work) -> tuple[Case, int]:
    """Write while the load works; return what was seen and the load's units of work."""
    case = Case(bench.size("seconds"))
    with _beside(work) as worked, ThreadPoolExecutor(1) as threads:
        writing = threads.submit(_write, bench, case)
        _observe(bench, case, writing.done)
        writing.result()
        return case, worked()


def _record(bench: Bench, name: str, case: Case, worked: int) -> None:
    bench.check(len(case.lags) == case.total, f"{name}: {len(case.lags)} of {case.total} commits were followed")
    bench.check(worked > 0, f"{name}: the work beside did nothing")
    for share, most in TARGETS:
        bench.record(
            f"lag {name}, p{share * 100:.0f}",
            percentile(case.lags[WARM_SECONDS * PER_SECOND :], share) * 1000,
            "ms",
            at_most=most,
            how=f"1,000 events/s in commits of {EVENTS} for {case.seconds} s; units of work beside: {worked:,}; "
            f"oldest transaction that wrote: {case.oldest * 1000:.0f} ms",
        )
    print(f"  {name}: {worked:,} units of work, oldest writer {case.oldest * 1000:.0f} ms", flush=True)


@contextlib.contextmanager
def _beside(work: Work) -> Iterator[Callable[[], int]]:
    """Let a load work in a process of its own; what is yielded stops it and returns its units of work."""
    from django.db import connections

    forks = multiprocessing.get_context("fork")
    stop, (told, tell) = forks.Event(), forks.Pipe(duplex=False)
    connections.close_all()  # a connection has one process
    process = forks.Process(target=lambda: tell.send(work(stop)))

    def worked() -> int:
        stop.set()
        if not told.poll(PATIENCE):
            raise WrongResultError(f"lag: the work beside did not end within {PATIENCE:.0f} s")
        return int(told.recv())

    process.start()
    tell.close()  # what it cannot tell because it failed ends here, not with the patience
    try:
        yield worked
    finally:
        stop.set()
        process.join(PATIENCE)
        process.kill()


def _write(bench: Bench, case: Case) -> None:
    """Write commits at their times, about contacts drawn at random; note each position and when it was durable."""
    from contacts.ledger.append import INSERT
    from contacts.ledger.dictionary import kind_ids

    chance, kind = Random(5), kind_ids(["page.viewed"])["page.viewed"]
    events = (
        INSERT + "SELECT p, %s, NULL, now(), now(), NULL, '{}', NULL, 0 FROM unnest(%s::bigint[]) AS p RETURNING tx, id"
    )
    with psycopg.connect(bench.dsn(), autocommit=True) as writer:
        starts = time.monotonic()
        for done in range(case.total):
            about = [chance.randrange(1, bench.size("contacts") + 1) for _ in range(EVENTS)]
            rows = writer.execute(events, [kind, about]).fetchall()
            case.commits.append((max(rows), time.monotonic()))
            time.sleep(max(0.0, starts + (done + 1) / PER_SECOND - time.monotonic()))


def _observe(bench: Bench, case: Case, written: Callable[[], bool]) -> None:
    """Note when each commit was followed, and how long others kept a transaction open, until all is followed."""
    deadline = time.monotonic() + WARM_SECONDS + case.seconds + PATIENCE
    with psycopg.connect(bench.dsn(), autocommit=True) as observer:
        for look in itertools.count():
            (place,) = observer.execute(_FOLLOWED).fetchall()
            seen = time.monotonic()
            while len(case.lags) < len(case.commits) and case.commits[len(case.lags)][0] <= place:
                case.lags.append(seen - case.commits[len(case.lags)][1])
            if (written() and len(case.lags) == len(case.commits)) or seen > deadline:
                return
            if look % 5 == 0 and len(case.lags) > WARM_SECONDS * PER_SECOND:
                ((age,),) = observer.execute(_OLDEST_WRITER).fetchall()
                case.oldest = max(case.oldest, float(age))
            time.sleep(0.002)


@contextlib.contextmanager
def _follow_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "manage.py", "follow"], cwd=ROOT, env=os.environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _until_staged() -> None:
    """Build the segments that stages read, and wait until everybody stands where they say, as in a running install."""
    from contacts.segments import building
    from contacts.stages.models import StageModel
    from crm.kit import clock

    def staged() -> bool:
        while building.run_due(clock.now):
            pass
        return StageModel.objects.filter(in_use=True, sweep_from=None, swept_at__isnull=False).exists()

    _wait(staged, "people do not stand where the stages' rules say")


def _until_followed() -> None:
    """Wait until the followers, those that are rebuilt too, have seen what is written now."""
    _wait(lambda: not number(_BEHIND), "the followers do not come to the end of the ledger")


def _wait(done: Callable[[], bool], wrong: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise WrongResultError(f"lag: {wrong} within {PATIENCE:.0f} s")
        time.sleep(0.05)
