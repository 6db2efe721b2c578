"""Bulk work gives way: before each transaction it waits until the followers have read what was recorded before.

Events are followed in the order in which they were recorded. Without this, a click made during an import would wait
behind all that the import has told by then; with it, behind what one of its transactions tells.
"""

import time

from django.db import connection

from contacts.ledger.follow import LOCK_CLASS

BEHIND = 0.03  # seconds; below it bulk work goes on
LONGEST = 0.5  # seconds of one wait: behind followers that never come to the end, work goes on slowly
_LOOK_AGAIN = 0.01  # seconds
# Nobody waits for followers that nobody runs.
_LAG = """
SELECT extract(epoch FROM clock_timestamp() - e.recorded_at)::float8 FROM event e
WHERE (e.tx, e.id) > (SELECT tx, event_id FROM ledger_lane ORDER BY tx, event_id LIMIT 1)
  AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted)
ORDER BY e.tx, e.id LIMIT 1
"""


def give_way() -> bool:
    """Wait until the running followers are at most BEHIND late, LONGEST seconds at most, and tell whether it did.

    To be called outside a transaction; who waited does well to write less at once.
    """
    until, waited = time.monotonic() + LONGEST, False
    while _lag() > BEHIND and time.monotonic() < until:
        waited = True
        time.sleep(_LOOK_AGAIN)
    return waited


def _lag() -> float:
    with connection.cursor() as cursor:
        cursor.execute(_LAG, [LOCK_CLASS])
        row = cursor.fetchone()
    return float(row[0]) if row else 0.0
