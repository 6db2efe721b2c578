"""State rows: per contact and kind how often, how much, first, last, the last five times. For segments and pages."""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.followers import Follower

_ADD = """
INSERT INTO contact_state AS s (kind_id, contact_id, n, total, first_at, last_at, last_times) {rows}
ON CONFLICT (kind_id, contact_id) DO UPDATE SET
    n = s.n + excluded.n,
    total = s.total + excluded.total,
    first_at = least(s.first_at, excluded.first_at),
    last_at = greatest(s.last_at, excluded.last_at),
    last_times = CASE
        WHEN excluded.first_at >= s.last_at THEN (excluded.last_times || s.last_times)[1:5]
        ELSE (array_sort(excluded.last_times || s.last_times, true))[1:5]
    END
"""
# Sorted by the primary key on the way in (GROUP BY with an ordered aggregate), which keeps the index pages warm.
_OF_EVENTS = """
SELECT kind_id, contact_id, count(*), coalesce(sum(value), 0), min(occurred_at), max(occurred_at),
       (array_agg(occurred_at ORDER BY occurred_at DESC))[1:5]
FROM {events} AS e GROUP BY kind_id, contact_id
"""
_OF_BASE = """
SELECT kind_id, contact_id, sum(n) FILTER (WHERE place = 1), sum(total) FILTER (WHERE place = 1), min(first_at),
       max(last_at), (array_agg(t ORDER BY t DESC))[1:5]
FROM {base} AS b CROSS JOIN unnest(last_times) WITH ORDINALITY AS u(t, place) GROUP BY kind_id, contact_id
"""


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Fold new events in."""
    cursor.execute(_ADD.format(rows=_OF_EVENTS.format(events=batch.rows)))


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Recompute the contacts that were merged or reclassified."""
    cursor.execute(
        "DELETE FROM contact_state WHERE kind_id = ANY(%s) AND contact_id = ANY(%s)",
        [list(batch.kinds.values()), list(batch.rebuilt or ())],
    )
    cursor.execute(_ADD.format(rows=_OF_EVENTS.format(events=batch.history)))


def reset(cursor: CursorWrapper) -> None:
    """Throw all state rows away."""
    cursor.execute("TRUNCATE contact_state")


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Add what is kept of dropped months."""
    cursor.execute(_ADD.format(rows=_OF_BASE.format(base=base.rows)))


STATES = Follower("states", apply, rebuild=rebuild, reset=reset, restore=restore)
