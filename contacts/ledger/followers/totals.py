"""Totals per subject and kind: how many opens a campaign had, how often a page was viewed. Read by result pages."""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.ledger.kinds import BySubject, keys_where

_ADD = """
INSERT INTO subject_counter AS s (subject_id, kind_id, n, total) {rows} GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (subject_id, kind_id) DO UPDATE SET n = s.n + excluded.n, total = s.total + excluded.total
"""
_OF_EVENTS = """
SELECT subject_id, kind_id, count(*), coalesce(sum(value), 0) FROM {events} AS e
WHERE subject_id IS NOT NULL AND kind_id <> %s
"""
_OF_BASE = """
SELECT subject_id, kind_id, sum(n), sum(total) FROM {base} AS b WHERE subject_id IS NOT NULL AND kind_id = ANY(%s)
"""
# A reclassified hit carries the subject and value of the event it takes back, and that event's kind.
_TAKE_BACK = """
WITH gone AS (
    SELECT e.subject_id, k.id AS kind_id, count(*) AS n, coalesce(sum(e.value), 0) AS total
    FROM {events} AS e JOIN ledger_kind k ON k.key = e.properties ->> 'kind'
    WHERE e.kind_id = %s AND k.id = ANY(%s) GROUP BY 1, 2
)
UPDATE subject_counter s SET n = s.n - g.n, total = s.total - g.total
FROM gone g WHERE (s.subject_id, s.kind_id) = (g.subject_id, g.kind_id)
"""
_RESET = """
UPDATE subject_counter s SET n = coalesce(e.n, 0), total = coalesce(e.total, 0)
FROM subject_counter o LEFT JOIN subject_erased e ON (e.subject_id, e.kind_id) = (o.subject_id, o.kind_id)
WHERE (s.subject_id, s.kind_id) = (o.subject_id, o.kind_id)
"""


def _kinds() -> list[str]:
    return [*keys_where(lambda kind: kind.by_subject is not BySubject.NOTHING), "hit.reclassified"]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Count new events, and take back those that were reclassified."""
    taken_back = batch.kinds["hit.reclassified"]
    cursor.execute(_ADD.format(rows=_OF_EVENTS.format(events=batch.rows)), [taken_back])
    if batch.has("hit.reclassified"):
        cursor.execute(_TAKE_BACK.format(events=batch.rows), [taken_back, list(batch.kinds.values())])


def reset(cursor: CursorWrapper) -> None:
    """Set all totals back to what erased people had added."""
    cursor.execute(_RESET)


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Add what is kept of dropped months; what was taken back there is not in it."""
    counted = kind_ids(key for key in _kinds() if key != "hit.reclassified")
    cursor.execute(_ADD.format(rows=_OF_BASE.format(base=base.rows)), [list(counted.values())])


TOTALS = Follower("totals", apply, kinds=_kinds, reset=reset, restore=restore)
