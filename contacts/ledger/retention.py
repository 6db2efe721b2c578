"""Dropping old months: their fold is kept as the base, so that whatever followed from them stays and can be rebuilt."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from contacts.ledger.base import Leaving
from contacts.ledger.errors import LedgerError
from contacts.ledger.followers import FOLLOWERS
from contacts.ledger.followers.classifier.follower import MEMORY
from contacts.ledger.partitions import PAST, Month, months

SHORTEST = 3  # months; longer than the classifier's memory, so that no dropped hit is reclassified
KEY_DAYS = 30  # how long a repeated key is recognised
_SLICE = 20_000  # rows deleted in one transaction
_CONTACTS = 50_000  # contacts folded in one transaction
_DELETE_FOLD = f"""
DELETE FROM event_base WHERE ctid = ANY(ARRAY(SELECT ctid FROM event_base WHERE month = %s LIMIT {_SLICE}))
"""  # noqa: S608 - constants
_BEHIND = """
SELECT EXISTS (SELECT FROM follower_behind) OR EXISTS (
    SELECT FROM ledger_lane l WHERE (l.tx, l.event_id) < (SELECT tx, id FROM {table} ORDER BY tx DESC, id DESC LIMIT 1)
)
"""
# A hit that was taken back lies at the same time as its taking back, so in the same month.
_FOLD = """
INSERT INTO event_base AS s (month, contact_id, kind_id, subject_id, n, total, first_at, last_at, last_times)
SELECT %s, coalesce(e.origin_contact_id, e.contact_id), e.kind_id, e.subject_id, count(*), coalesce(sum(e.value), 0),
       min(e.occurred_at), max(e.occurred_at), (array_agg(e.occurred_at ORDER BY e.occurred_at DESC))[1:5]
FROM {table} e
WHERE e.contact_id >= %s AND e.contact_id < %s AND NOT EXISTS (
    SELECT FROM {table} r WHERE r.kind_id = (SELECT id FROM ledger_kind WHERE key = 'hit.reclassified')
    AND r.contact_id = e.contact_id AND r.occurred_at = e.occurred_at AND r.cause = e.id
)
GROUP BY 2, 3, 4
ON CONFLICT (contact_id, kind_id, subject_id, month) DO UPDATE SET
    n = s.n + excluded.n,
    total = s.total + excluded.total,
    first_at = least(s.first_at, excluded.first_at),
    last_at = greatest(s.last_at, excluded.last_at),
    last_times = (array_sort(excluded.last_times || s.last_times, true))[1:5]
"""
_TOUCHES = """
INSERT INTO contact_touch_base (event_id, contact_id, at, channel, facts)
SELECT first_event_id, contact_id, first_at, first_channel, first_facts FROM contact_touch
WHERE first_at < %s AND contact_id >= %s AND contact_id < %s
UNION SELECT last_event_id, contact_id, last_at, last_channel, last_facts FROM contact_touch
WHERE last_at < %s AND contact_id >= %s AND contact_id < %s
ON CONFLICT (event_id) DO NOTHING
"""


class CannotDrop(LedgerError):
    """A month cannot be dropped now; its events are all there. Try again later."""


def retain(now: datetime, keep_months: int) -> list[str]:
    """Drop the months before the last `keep_months` whole ones, the oldest first; return their names.

    Raises CannotDrop while a follower is behind, or while events of that month still come in.
    """
    if keep_months < SHORTEST:
        raise CannotDrop(f"at least {SHORTEST} months must be kept")
    first_kept = Month.of(now).plus(-keep_months)
    return [drop(month, now) for month in months() if month < first_kept]


def drop(month: Month, now: datetime) -> str:
    """Fold the past and this month into the base, in ranges of contacts, then drop their events in one flip."""
    horizon = _number("SELECT ledger_horizon()")
    _check_followed(month)
    _clear(_DELETE_FOLD, [month.start.date()])
    last = max(_number(f"SELECT max(contact_id) FROM {table}") for table in (PAST, month.table))  # noqa: S608 - names
    for low in range(0, last + 1, _CONTACTS):
        _fold(month, low, low + _CONTACTS)
    _flip(month, horizon, now)
    return month.table


def _fold(month: Month, low: int, high: int) -> None:
    end = month.plus(1).start
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (PAST, month.table):
            cursor.execute(_FOLD.format(table=table), [month.start.date(), low, high])
            for keep in [follower.keep for follower in FOLLOWERS if follower.keep]:
                keep(cursor, Leaving(table, month.start.date(), low, high))
        cursor.execute(_TOUCHES, [end, low, high, end, low, high])


def _flip(month: Month, horizon: int, now: datetime) -> None:
    """Let the fold count instead of the events; the past then reaches to the end of the month."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT FROM ledger_lane ORDER BY shard FOR UPDATE")
        for table in (PAST, month.table):
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE tx >= %s)", [horizon])  # noqa: S608 - names
            if cursor.fetchone()[0]:
                raise CannotDrop(f"events came into {table} meanwhile")
        cursor.execute("INSERT INTO ledger_dropped (month, dropped_at) VALUES (%s, %s)", [month.start.date(), now])
        cursor.execute(f"ALTER TABLE event DETACH PARTITION {month.table}")
        cursor.execute(f"DROP TABLE {month.table}")
        cursor.execute(f"ALTER TABLE event DETACH PARTITION {PAST}")
        cursor.execute(f"TRUNCATE {PAST}")
        end = month.plus(1).start.isoformat()
        cursor.execute(f"ALTER TABLE event ATTACH PARTITION {PAST} FOR VALUES FROM (MINVALUE) TO ('{end}')")


def _check_followed(month: Month) -> None:
    with connection.cursor() as cursor:
        for table in (PAST, month.table):
            cursor.execute(_BEHIND.format(table=table))
            if cursor.fetchone()[0]:
                raise CannotDrop("a follower has not read everything yet; see `manage.py ledger status`")


def _number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0] or 0)


def forget_keys(now: datetime) -> int:
    """Forget idempotency keys older than KEY_DAYS and verdicts older than the classifier's memory; return how many."""
    forgotten = 0
    for table, column, age in (("event_key", "recorded_at", timedelta(days=KEY_DAYS)), ("hit_verdict", "at", MEMORY)):
        oldest = f"SELECT ctid FROM {table} WHERE {column} < %s LIMIT {_SLICE}"  # noqa: S608 - names above
        forgotten += _clear(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({oldest}))", [now - age])  # noqa: S608
    return forgotten


def _clear(sql: str, params: list[Any]) -> int:
    """Run a DELETE of at most _SLICE rows until nothing is left, so that no transaction lasts; return how many went."""
    total = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, params)
            gone = int(cursor.rowcount)
            total += gone
            if gone < _SLICE:
                return total
