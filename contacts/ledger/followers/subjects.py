"""Who did what to which subject: one row per person, kind and subject, and the number of people per subject.

Only for kinds that ask for it (BySubject.PEOPLE): mails opened and clicked, forms sent, products viewed.
"""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.ledger.kinds import BySubject, keys_where

_ADD = """
WITH kept AS (
    INSERT INTO subject_state AS s (kind_id, subject_id, contact_id, n, total, first_at, last_at)
    {rows} GROUP BY kind_id, subject_id, contact_id ORDER BY kind_id, subject_id, contact_id
    ON CONFLICT (kind_id, subject_id, contact_id) DO UPDATE SET
        n = s.n + excluded.n,
        total = s.total + excluded.total,
        first_at = least(s.first_at, excluded.first_at),
        last_at = greatest(s.last_at, excluded.last_at)
    RETURNING new.subject_id, new.kind_id, old.contact_id IS NULL AS is_new
)
INSERT INTO subject_counter AS s (subject_id, kind_id, people)
SELECT subject_id, kind_id, count(*) FROM kept WHERE is_new GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (subject_id, kind_id) DO UPDATE SET people = s.people + excluded.people
"""
_OF_EVENTS = """
SELECT kind_id, subject_id, contact_id, count(*), coalesce(sum(value), 0), min(occurred_at), max(occurred_at)
FROM {events} AS e WHERE subject_id IS NOT NULL
"""
_OF_BASE = """
SELECT kind_id, subject_id, contact_id, sum(n), sum(total), min(first_at), max(last_at)
FROM {base} AS b WHERE subject_id IS NOT NULL AND kind_id = ANY(%s)
"""
_FORGET = """
WITH gone AS (
    DELETE FROM subject_state WHERE contact_id = ANY(%s) RETURNING subject_id, kind_id
), fewer AS (
    SELECT subject_id, kind_id, count(*) AS people FROM gone GROUP BY 1, 2
)
UPDATE subject_counter s SET people = s.people - f.people
FROM fewer f WHERE (s.subject_id, s.kind_id) = (f.subject_id, f.kind_id)
"""
_RESET = """
UPDATE subject_counter s SET people = coalesce(e.people, 0)
FROM subject_counter o LEFT JOIN subject_erased e ON (e.subject_id, e.kind_id) = (o.subject_id, o.kind_id)
WHERE (s.subject_id, s.kind_id) = (o.subject_id, o.kind_id)
"""


def _kinds() -> list[str]:
    return keys_where(lambda kind: kind.by_subject is BySubject.PEOPLE)


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Fold new events in, and count those who are new to a subject."""
    cursor.execute(_ADD.format(rows=_OF_EVENTS.format(events=batch.rows)))


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Recompute the contacts that were merged or reclassified."""
    cursor.execute(_FORGET, [list(batch.rebuilt or ())])
    cursor.execute(_ADD.format(rows=_OF_EVENTS.format(events=batch.history)))


def reset(cursor: CursorWrapper) -> None:
    """Throw all rows away; of the numbers of people those stay that were erased."""
    cursor.execute("TRUNCATE subject_state")
    cursor.execute(_RESET)


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Add what is kept of dropped months."""
    cursor.execute(_ADD.format(rows=_OF_BASE.format(base=base.rows)), [list(kind_ids(_kinds()).values())])


SUBJECTS = Follower("subjects", apply, kinds=_kinds, rebuild=rebuild, reset=reset, restore=restore)
