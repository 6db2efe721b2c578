"""Bulk work that goes on beside a measurement, through the product's real paths: bench/lag.py measures beside each.

A load is made ready by `LOADS[name](bench)`; what comes back works until an event is set and returns how much it did.
"""

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import psycopg
from django.core.files import File

from bench.harness import VAR, Bench
from bench.ledger import events_of, number
from bench.send import _CONSENT, _campaign, _chosen
from tests.people_csv import csv_bytes, stream

if TYPE_CHECKING:
    from contacts.imports.models import ImportJob
    from crm.team.models import User


class Stop(Protocol):
    """An event of threads or of processes."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


type Work = Callable[[Stop], int]  # goes on until the event is set; returns units of work done

OUTCOMES = 50  # in a commit, as workers write them
COMMITS = 100  # a second


def alone(_bench: Bench) -> Work:
    """Write nothing else."""
    return lambda stop: int(stop.wait())


def launching(bench: Bench) -> Work:
    """Launch a campaign to everybody again and again, through the real freeze; returns launches that were opened."""
    from campaigns.campaign import freeze, launch
    from crm.kit.clock import now

    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        database.execute(_CONSENT)
    make = _campaign(_chosen(now()), conditional=False)

    def work(stop: Stop) -> int:
        opened = 0
        while not stop.is_set():
            opened += freeze.freeze(launch.launch(make().pk, by=None, now=now()).pk, now)
        return opened

    return work


def sending(bench: Bench) -> Work:
    """Write as workers do that send 5,000 mails a second; returns outcomes."""
    from contacts.ledger.append import INSERT
    from contacts.ledger.dictionary import kind_ids

    kind = kind_ids(["mail.sent"])["mail.sent"]
    outcomes = (
        INSERT + "SELECT 1 + n %% %s, %s, 1, now(), now(), NULL, '{}', NULL, 0 "
        "FROM generate_series(%s::bigint, %s) AS n"
    )

    def work(stop: Stop) -> int:
        starts, written = time.monotonic(), 0
        with psycopg.connect(bench.dsn(), autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            while not stop.is_set():
                connection.execute(outcomes, [bench.size("contacts"), kind, written, written + OUTCOMES - 1])
                written += OUTCOMES
                time.sleep(max(0.0, starts + written / (OUTCOMES * COMMITS) - time.monotonic()))
        return written

    return work


def importing(bench: Bench) -> Work:
    """Check and merge files through the real import, the second one over the people of the first; returns rows."""
    from crm.team.models import Role, User

    path = VAR / "people.csv"
    path.write_bytes(csv_bytes(person.row for person in stream(bench.size("contacts"), domain="import.example")))
    user = User.objects.create_user("bench@wayfare.example", name="Bench", role=Role.ADMIN)

    def work(stop: Stop) -> int:
        rows = 0
        while not stop.is_set():
            with path.open("rb") as file:
                rows += _imported(user, File(file, "people.csv"), stop)
        return rows

    return work


def _imported(user: "User", file: "File[bytes]", stop: Stop) -> int:
    """Return the rows that were read and those that were merged, until the file's end or the stop."""
    from contacts.imports import jobs
    from contacts.imports.fields import guess
    from contacts.imports.plan import Plan
    from crm.kit import clock

    job = jobs.upload(user, file, "people.csv", now=clock.now())
    plan = Plan(tuple(guess(job.header, job.sample)), basis="sign-up form", wording="I agree to news by e-mail.")
    jobs.check(job, plan, now=clock.now())
    _work_on(job, "checking", stop)
    if job.step == "checked":
        jobs.start(job, now=clock.now())
        _work_on(job, "running", stop)
    jobs.cancel(job, now=clock.now())
    return int(job.rows_read + job.merged_line)


def _work_on(job: "ImportJob", step: str, stop: Stop) -> None:
    from contacts.imports import worker
    from crm.kit import clock

    while not stop.is_set() and job.step == step and worker.run_due(clock.now, seconds=0.5):
        job.refresh_from_db()


def rebuilding(bench: Bench) -> Work:
    """Throw away what followers keep of a long ledger, one after the other, to be computed anew; returns rebuilds."""
    from contacts.ledger.append import append
    from contacts.ledger.replay import replay

    events = events_of(bench, bench.size("events"), 9)
    for start in range(0, len(events), 5000):
        append(events[start : start + 5000], source="bench", now=datetime.now(UTC))

    def work(stop: Stop) -> int:
        for rebuilds, name in enumerate(itertools.cycle(("states", "scores", "subjects")), 1):
            replay(name, datetime.now(UTC))
            while number("SELECT count(*) FROM follower_behind"):
                if stop.wait(0.05):
                    return rebuilds
            if stop.is_set():
                return rebuilds
        raise AssertionError("itertools.cycle ended")

    return work


LOADS: dict[str, Callable[[Bench], Work]] = {
    "alone": alone,
    "during a launch": launching,
    "during a send": sending,
    "during an import": importing,
    "during a rebuild": rebuilding,
}
