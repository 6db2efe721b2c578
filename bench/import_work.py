"""What the benches of imports share: an import from check to last row as its worker does it, and empty tables."""

from typing import TYPE_CHECKING

import psycopg

from bench.harness import Bench

if TYPE_CHECKING:
    from contacts.imports.models import ImportJob
    from contacts.imports.plan import Plan


def checked_and_run(job: "ImportJob", plan: "Plan") -> None:
    """Check an uploaded file and import it, doing all that a worker would."""
    from contacts.imports import jobs
    from crm.kit import clock

    jobs.check(job, plan, now=clock.now())
    _work()
    job.refresh_from_db()
    jobs.start(job, now=clock.now())
    _work()


def _work() -> None:
    from contacts.imports import worker
    from crm.kit import clock

    while worker.run_due(clock.now):
        pass


def empty(bench: Bench, tables: str) -> None:
    """Empty these tables (names between commas), and leave nothing of it to be written during what is measured."""
    with psycopg.connect(bench.dsn(), autocommit=True) as connection:
        connection.execute(f"TRUNCATE {tables} CASCADE")
        connection.execute("CHECKPOINT")
