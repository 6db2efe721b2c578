"""Bulk work gives way: before each transaction it waits until the followers have read what was recorded before.

Events are followed in the order in which they were recorded. Without this, a click made during an import would wait
behind all that the import has told by then; with it, behind what one of its transactions tells.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from contacts.ledger.follow import LOCK_CLASS
from contacts.ledger.position import unread_from
from crm.kit.pace import Pace

LONGEST = 0.5  # seconds of one wait: behind followers that never come to the end, work goes on slowly
_LOOK_AGAIN = 0.01  # seconds
# Nobody waits for followers that nobody runs here; the locks of all databases of the cluster stand in one list.
_NEWEST = """
SELECT e.tx FROM event e
WHERE EXISTS (
    SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.classid = %s AND l.granted AND d.datname = current_database()
)
ORDER BY e.tx DESC, e.id DESC LIMIT 1
"""


def give_way() -> bool:
    """Wait until the running followers have read all there is now, LONGEST seconds at most, and tell whether it did.

    To be called outside a transaction; who had to wait does well to write less at once.
    """
    newest, until, waited = _newest(), time.monotonic() + LONGEST, False
    while newest is not None and unread_from() <= newest and time.monotonic() < until:
        waited = True
        time.sleep(_LOOK_AGAIN)
    return waited


@contextmanager
def in_turn(pace: Pace) -> Iterator[int]:
    """Give the width for one transaction once the followers are not behind; the narrowest when they were."""
    if give_way():
        pace.narrow()
    with pace.timed() as width:
        yield width


def _newest() -> int | None:
    """Return the place of the newest event, None where nobody follows."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [LOCK_CLASS])
        row = cursor.fetchone()
    return int(row[0]) if row else None
