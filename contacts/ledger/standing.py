"""How the followers stand: running, behind or stopped, and by how much. Read by the health page and `ledger status`."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from contacts.ledger.followers import FOLLOWERS

# The place of each as two columns, which an index finds: beside a row made by least() every event was read, 26 s a look
# while two million waited.
_STANDING = """
SELECT s.name, s.stopped_at, s.error, (SELECT count(*) FROM follower_behind b WHERE b.name = s.name),
       (SELECT e.recorded_at FROM event e WHERE (e.tx, e.id) > (p.tx, p.event_id) ORDER BY e.tx, e.id LIMIT 1)
FROM follower_state s LEFT JOIN LATERAL (
    SELECT tx, event_id FROM (
        (SELECT tx, event_id FROM ledger_lane ORDER BY tx, event_id LIMIT 1)
        UNION ALL
        (SELECT tx, event_id FROM follower_behind o WHERE o.name = s.name ORDER BY tx, event_id LIMIT 1)
    ) AS places ORDER BY tx, event_id LIMIT 1
) AS p ON true
"""


@dataclass(frozen=True)
class Standing:
    """One follower. `lag_seconds`: age of the oldest event it has not read; 0 when it has read all."""

    name: str
    is_running: bool
    is_behind: bool
    stopped_at: datetime | None
    error: str
    lag_seconds: float


def standings(now: datetime) -> list[Standing]:
    """Return how every registered follower stands, in the order in which they run."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        rows = {row[0]: row for row in cursor.fetchall()}
    return [_standing(follower.name, rows.get(follower.name), now) for follower in FOLLOWERS]


def _standing(name: str, row: tuple[str, datetime | None, str, int, datetime | None] | None, now: datetime) -> Standing:
    if row is None:
        return Standing(name, is_running=False, is_behind=True, stopped_at=None, error="", lag_seconds=0.0)
    _, stopped_at, error, behind, oldest = row
    lag = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return Standing(name, stopped_at is None, behind > 0, stopped_at, error, lag)
