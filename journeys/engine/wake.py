"""Waking a worker when journeys have work, unless enough are at it."""

from django.db import connection, transaction

from crm.kit import wake as waking

RUN = "journeys.run"
SLOTS = 7_243  # advisory locks (SLOTS, n): one for each worker that runs journeys
_RUNNING = """
SELECT EXISTS (
    SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.classid = %s AND d.datname = current_database()
)
"""


def wake() -> None:
    """Wake a worker once the running transaction is committed, unless one is at work: it goes on while there is any."""
    transaction.on_commit(_send)


def _send() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [SLOTS])
        if cursor.fetchone()[0]:
            return
    waking.wake(RUN, expires=30)
