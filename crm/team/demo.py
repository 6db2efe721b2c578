"""What of this install is demo data, by table and id. Written once by crm.runtime.demo, into an install that was empty.

with marking(TABLES):
    ...  # every row made meanwhile is marked
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection

from crm.team.models import DemoMark


@contextmanager
def marking(tables: Collection[str]) -> Iterator[None]:
    """Mark the rows that come into `tables` meanwhile; nobody else may write then."""
    before = _tops(tables)
    yield
    after = _tops(tables)
    DemoMark.objects.bulk_create(
        DemoMark(table=table, first=before[table] + 1, last=after[table])
        for table in tables
        if after[table] > before[table]
    )


def _tops(tables: Collection[str]) -> dict[str, int]:
    each = [f"SELECT '{table}', coalesce(max(id), 0) FROM {table}" for table in tables]  # noqa: S608 - names are ours
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


def ranges() -> dict[str, tuple[int, int]]:
    """Return first and last id of the demo's rows by table; empty when there is no demo data."""
    return {mark.table: (mark.first, mark.last) for mark in DemoMark.objects.all()}


def is_there() -> bool:
    """Tell whether demo data is there, or was not removed to its end."""
    return DemoMark.objects.exists()
