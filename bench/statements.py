"""What PostgreSQL did for a stretch of work: blocks and seconds of each statement, and the longest transaction.

Blocks are the measure of growth: unlike seconds they are the same on a busy machine.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

SERVER = {"shared_preload_libraries": "pg_stat_statements"}  # of every bench; asleep but for `watched`
_EVERY = 0.05  # seconds
# All but the bench's own looking.
_FOUND = """
SELECT queryid, query, shared_blks_hit + shared_blks_read + local_blks_hit, total_exec_time / 1000
FROM pg_stat_statements
WHERE calls > 0 AND query NOT ILIKE '%pg_stat%' AND query NOT LIKE 'SELECT COUNT(*) AS "__count"%'
"""
_OLDEST = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND datname = current_database() AND backend_type = 'client backend'
"""


@dataclass(frozen=True)
class Statement:
    """One statement with all its calls: `blocks` of 8 KB looked at, `seconds` in PostgreSQL."""

    text: str
    blocks: int
    seconds: float


def unwatched(dsn: str) -> None:
    """Have a new cluster count nothing, so that other benches pay nothing."""
    with psycopg.connect(dsn, autocommit=True) as database:
        _track(database, "none")


@contextmanager
def watched(dsn: str) -> Iterator[Callable[[], Mapping[int, Statement]]]:
    """Count statements for a block; yields what returns them by id, and begins to count anew."""
    with psycopg.connect(dsn, autocommit=True) as database:
        database.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        _track(database, "top")
        database.execute("SELECT pg_stat_statements_reset()")

        def taken() -> Mapping[int, Statement]:
            rows = database.execute(_FOUND).fetchall()
            database.execute("SELECT pg_stat_statements_reset()")
            return {number: Statement(" ".join(text.split()), int(blocks), took) for number, text, blocks, took in rows}

        try:
            yield taken
        finally:
            _track(database, "none")


def _track(database: psycopg.Connection[tuple[object, ...]], what: str) -> None:
    database.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{what}'")
    database.execute("SELECT pg_reload_conf()")


@contextmanager
def longest_transaction(dsn: str) -> Iterator[list[float]]:
    """Look for the oldest open writing transaction every 50 ms; yields a list of one number, its age in seconds."""
    over, seen = threading.Event(), [0.0]

    def look() -> None:
        with psycopg.connect(dsn, autocommit=True) as database:
            while not over.wait(_EVERY):
                (age,) = database.execute(_OLDEST).fetchone() or (0.0,)
                seen[0] = max(seen[0], age)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()
