"""The order "last seen" of very many: a stretch of time in which the next page lies, so that few are sorted.

No index serves this order: one on the time would cost each event of a person half as much again (docs/people.md).
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

LARGE = 50_000  # people seen; fewer are sorted as they are
_STRETCH = 2_000  # people in the stretch, on average; one page needs 51, filters leave out many
_SAMPLE = 20_000  # rows that are looked at to find its end
_ESTIMATE = "SELECT reltuples FROM pg_class WHERE oid = 'contact_seen'::regclass"
# Pages of a table taken by chance: who was seen when is spread evenly over them.
_END = """
SELECT last_seen_at FROM contact_seen TABLESAMPLE SYSTEM (%s)
WHERE %s::timestamptz IS NULL OR last_seen_at {beyond} %s ORDER BY last_seen_at {order} OFFSET %s LIMIT 1
"""


def stretch(start: Any, *, falling: bool) -> Q | None:
    """Return the condition for some thousand people next after `start` (a time, None for the list's beginning).

    None where so many are not left, or where people are few.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ESTIMATE)
        people = cursor.fetchone()[0]
        if people < LARGE:
            return None
        share = min(1.0, _SAMPLE / max(1, people))
        statement = _END.format(beyond="<=" if falling else ">=", order="DESC" if falling else "ASC")
        cursor.execute(statement, [share * 100, start, start, int(_STRETCH * share)])
        end = cursor.fetchone()
    return _within(end[0], falling=falling) if end else None


def _within(end: datetime, *, falling: bool) -> Q:
    return Q(seen__last_seen_at__gte=end) if falling else Q(seen__last_seen_at__lte=end)
