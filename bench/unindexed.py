"""Filling tables in sets: their indexes are taken away first and made anew at the end, which costs a third."""

import contextlib
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

# What no constraint needs, of ordinary and partitioned tables; those of partitions come and go with their parent's.
_INDEXES = """
SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique AND NOT c.relispartition ORDER BY 1
"""
_MEMORY = "SET maintenance_work_mem = '1GB'"


@contextlib.contextmanager
def unindexed(database: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Run the block without the indexes of `tables` that no constraint needs; the connection commits by itself."""
    indexes = database.execute(_INDEXES, [list(tables)]).fetchall()
    for name, _made in indexes:
        database.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    yield
    database.execute(_MEMORY)
    for _name, made in indexes:
        database.execute(made)
    database.execute("RESET maintenance_work_mem")
