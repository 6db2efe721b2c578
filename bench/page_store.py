"""Keeps the company that the benches of pages and of the API look at, between runs of the same sizes and code.

A kept company is a database beside the bench's own, which is made as a copy of it. Its comment is the World.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from bench import page_people, page_world, segment_people, segment_rules, unindexed
from bench.harness import Bench, timed
from bench.page_world import World

_WRITTEN_BY = (page_people, page_world, segment_people, segment_rules, unindexed)
DATABASE = "wayfare"  # what the bench looks at
_KEPT = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
_OTHERS = "SELECT datname FROM pg_database WHERE datname LIKE 'pages\\_%%' AND datname NOT LIKE %s"


def company(bench: Bench) -> World:
    """Fill the bench's database: from what an earlier run kept, else anew. Records the seconds."""
    worlds: list[World] = []
    sizes = {"people": bench.size("people"), "events": bench.size("events")}
    code = _fingerprint(datetime.now(UTC))
    name = f"pages_{code}_{sizes['people']}_{sizes['events']}"
    kept = _kept(bench, name)
    took = timed(lambda: worlds.append(_taken(bench, name, kept) if kept else _made(bench, sizes)))
    if not kept:
        _keep(bench, name, code, worlds[0])
    how = "a copy of what an earlier run made" if kept else "indexes and segments with it"
    bench.record(f"{bench.name}: making the company", took, "s", how=f"{sizes}, {how}")
    return worlds[0]


def _fingerprint(now: datetime) -> str:
    """Return what tells other code, another schema or another week: "the last 30 days" must stay near."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    files = [Path(str(module.__file__)).read_text() for module in _WRITTEN_BY]
    schema = sorted(MigrationLoader(connection).disk_migrations)
    return hashlib.sha256(repr((files, schema, f"{now:%G-%V}")).encode()).hexdigest()[:8]


def _kept(bench: Bench, name: str) -> str | None:
    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        row = connection.execute(_KEPT, [name]).fetchone()
    return row[0] if row else None


def _made(bench: Bench, sizes: dict[str, int]) -> World:
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        return page_world.prepared(database, **sizes, now=datetime.now(UTC))


def _keep(bench: Bench, name: str, code: str, world: World) -> None:
    """Keep a copy, and drop those of other code. The comment comes last: a copy without one is no copy."""
    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        for (other,) in connection.execute(_OTHERS, [f"pages\\_{code}\\_%"]).fetchall():
            _drop(connection, other)
        _copy(connection, DATABASE, name)
        comment = json.dumps(asdict(world), default=str)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), comment))


def _taken(bench: Bench, name: str, kept: str) -> World:
    with psycopg.connect(bench.cluster.dsn("postgres"), autocommit=True) as connection:
        _copy(connection, name, DATABASE)
    values = json.loads(kept)
    return World(**{**values, "now": datetime.fromisoformat(values["now"])})


def _copy(connection: psycopg.Connection, source: str, target: str) -> None:
    from django.db import connection as own

    own.close()
    own.close_pool()  # type: ignore[attr-defined]
    _drop(connection, target)
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    connection.execute(copy.format(sql.Identifier(target), sql.Identifier(source)))


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
