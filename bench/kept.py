"""Keeps what benches look at between runs of the same sizes and code: a database that is copied into the bench's own.

The comment of such a database is the note of who made it. One of an older schema is migrated, as any install is.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from bench.harness import ROOT, Bench, timed

FULL = {"people": (1_000_000, 1_000_000), "events": (10_000_000, 10_000_000)}  # what `make bench-data` makes
DATABASE = "wayfare"  # what the bench looks at
_NOTE = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
_OF_OTHER_CODE = "SELECT datname FROM pg_database WHERE datname LIKE %s AND datname NOT LIKE %s"


@dataclass(frozen=True)
class Kind:
    """One kind of data: `make` fills the bench's database (people, events, now) and returns a note of it for JSON."""

    name: str
    written_by: tuple[str, ...]  # files of bench/ on which the data depends
    make: Callable[[psycopg.Connection, int, int, datetime], dict[str, Any]]


def opened(bench: Bench, kind: Kind) -> dict[str, Any]:
    """Fill the bench's database, from what an earlier run kept, else anew; return its note. Records the seconds."""
    notes: list[dict[str, Any]] = []
    name, kept = _kept(bench, kind)
    took = timed(lambda: notes.append(_taken(bench, name, kept) if kept else _made(bench, kind)))
    if not kept and all(bench.size(what) <= most for what, (_usual, most) in FULL.items()):
        _keep(bench, name, notes[0], copy=True)  # of more than the full sizes a second copy would fill the disk
    how = "a copy of what an earlier run made" if kept else "indexes and segments with it"
    bench.record(f"{bench.name}: making the data", took, "s", how=f"{_sizes(bench)}, {how}")
    return notes[0]


def stored(bench: Bench, kind: Kind) -> None:
    """Make data of this kind unless it is kept already, and give the bench's own database away for it."""
    name, kept = _kept(bench, kind)
    if kept:
        print(f"  {name} is there", flush=True)
        return
    notes: list[dict[str, Any]] = []
    took = timed(lambda: notes.append(_made(bench, kind)))
    _keep(bench, name, notes[0], copy=False)
    bench.record(f"data of {kind.name}", took, "s", how=f"{_sizes(bench)}, indexes and segments with it")


def _sizes(bench: Bench) -> str:
    return f"{bench.size('people'):,} people, {bench.size('events'):,} events"


def _kept(bench: Bench, kind: Kind) -> tuple[str, str | None]:
    """Return the name of the database that keeps the data, and its note if it is there. Drops those of other code."""
    code = _fingerprint(kind, datetime.now(UTC))
    name = f"{kind.name}_{code}_{bench.size('people')}_{bench.size('events')}"
    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        own = f"{kind.name}\\_{code}\\_%"
        for (other,) in connection.execute(_OF_OTHER_CODE, [f"{kind.name}\\_%", own]).fetchall():
            _drop(connection, other)
        row = connection.execute(_NOTE, [name]).fetchone()
    note = row[0] if row else None
    return name, note if note and _is_of_our_past(bench, name) else None


def _fingerprint(kind: Kind, now: datetime) -> str:
    """Return what tells other code or another week: "the last 30 days" must stay near."""
    files = [(ROOT / "bench" / name).read_text() for name in kind.written_by]
    return hashlib.sha256(repr((files, f"{now:%G-%V}")).encode()).hexdigest()[:8]


def _is_of_our_past(bench: Bench, name: str) -> bool:
    """Tell whether every migration that the database has seen is one of ours."""
    from django.db import connection as own
    from django.db.migrations.loader import MigrationLoader

    with psycopg.connect(bench.cluster.dsn(name)) as connection:
        seen = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    return seen <= set(MigrationLoader(own).disk_migrations)


def _made(bench: Bench, kind: Kind) -> dict[str, Any]:
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        return kind.make(database, bench.size("people"), bench.size("events"), datetime.now(UTC))


def _keep(bench: Bench, name: str, note: dict[str, Any], *, copy: bool) -> None:
    """Keep the bench's database, or a copy of it. The comment comes last: one without it is not whole."""
    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        if copy:
            _copy(connection, DATABASE, name)
        else:
            _drop(connection, name)
            _leave()
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(DATABASE), sql.Identifier(name)))
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), json.dumps(note, default=str))
        connection.execute(comment)


def _taken(bench: Bench, name: str, kept: str) -> dict[str, Any]:
    """Copy what is kept, and bring its schema up to date in both places."""
    from django.core.management import call_command

    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        _copy(connection, name, DATABASE)
    note: dict[str, Any] = json.loads(kept)
    if _is_behind():
        call_command("migrate", verbosity=0)
        _keep(bench, name, note, copy=True)
    return note


def _is_behind() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _copy(connection: psycopg.Connection, source: str, target: str) -> None:
    _leave()
    _drop(connection, target)
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    connection.execute(copy.format(sql.Identifier(target), sql.Identifier(source)))


def _leave() -> None:
    """Close our own connections: a database in use is neither copied nor renamed."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
