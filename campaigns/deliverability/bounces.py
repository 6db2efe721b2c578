"""The follower of bounces and complaints: leaves out addresses that do not exist, that complained, or fail each time.

It sees the answers of SMTP servers and the webhooks of providers alike, for both are events in the ledger.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from contacts.consent.models import SuppressionReason
from contacts.consent.suppress import Mailbox, suppress
from contacts.ledger.base import Base
from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.people.address import BadAddress, email_key, normalise

HARD, SOFT, COMPLAINED = "mail.bounced_hard", "mail.bounced_soft", "mail.complained"
ARRIVED = ["mail.delivered", "mail.opened", "mail.clicked"]  # proofs that the mailbox takes mail
_REASONS = {
    HARD: SuppressionReason.HARD_BOUNCE,
    SOFT: SuppressionReason.HARD_BOUNCE,
    COMPLAINED: SuppressionReason.COMPLAINT,
}
_FAULTS = """
SELECT m.email, %s, e.occurred_at, coalesce(e.properties ->> 'reason', '')
FROM {rows} AS e JOIN campaigns_message m ON m.id = (e.properties ->> 'message')::bigint
WHERE e.kind_id = %s AND m.email <> '' ORDER BY e.tx, e.id
"""
_ARRIVED = """
DELETE FROM campaigns_softbounces WHERE contact_id IN (SELECT contact_id FROM {rows} AS e WHERE kind_id = ANY(%s))
"""
# Only those after the last arrival in the same batch count; a message that bounced twice counts once.
_SOFT = """
INSERT INTO campaigns_softbounces AS s (contact_id, in_row)
SELECT e.contact_id, count(DISTINCT e.properties ->> 'message') FROM {rows} AS e
WHERE e.kind_id = %s AND NOT EXISTS (
    SELECT FROM {rows} AS a WHERE a.contact_id = e.contact_id AND a.kind_id = ANY(%s) AND (a.tx, a.id) > (e.tx, e.id))
GROUP BY e.contact_id ORDER BY e.contact_id
ON CONFLICT (contact_id) DO UPDATE SET in_row = s.in_row + EXCLUDED.in_row
"""
_TOO_MANY = """
SELECT DISTINCT ON (e.contact_id) m.email, %s, e.occurred_at, coalesce(e.properties ->> 'reason', '')
FROM {rows} AS e JOIN campaigns_softbounces s USING (contact_id)
JOIN campaigns_message m ON m.id = (e.properties ->> 'message')::bigint
WHERE e.kind_id = %s AND s.in_row >= %s AND m.email <> '' ORDER BY e.contact_id, e.tx DESC, e.id DESC
"""
# Rows of the batch that `apply` does not see, for their contacts are rebuilt.
_IN_REBUILD = "(SELECT * FROM ledger_batch WHERE in_rebuild)"
_FORGET = "DELETE FROM campaigns_softbounces WHERE contact_id = ANY(%s)"
# Dropped months tell a dispatch, not a mail, and count only while nothing arrived since.
_OF_BASE = """
WITH base AS MATERIALIZED (
    SELECT contact_id, kind_id, subject_id, last_at FROM {base} AS b WHERE kind_id = ANY(%(kinds)s)
), arrived AS (
    SELECT contact_id, max(last_at) AS at FROM base WHERE kind_id <> %(soft)s GROUP BY contact_id
)
INSERT INTO campaigns_softbounces AS s (contact_id, in_row)
SELECT b.contact_id, count(DISTINCT coalesce(b.subject_id, 0)) FROM base b LEFT JOIN arrived a USING (contact_id)
WHERE b.kind_id = %(soft)s AND (a.at IS NULL OR b.last_at > a.at)
  AND NOT EXISTS (SELECT FROM event e WHERE e.contact_id = b.contact_id AND e.kind_id = ANY(%(kinds)s)
                  AND e.kind_id <> %(soft)s)
GROUP BY b.contact_id ORDER BY b.contact_id
ON CONFLICT (contact_id) DO UPDATE SET in_row = s.in_row + EXCLUDED.in_row
"""


def kinds() -> list[str]:
    """Return the kinds that are followed."""
    return [HARD, SOFT, COMPLAINED, *ARRIVED]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Leave out whom the batch gives a reason for, and count soft bounces in a row."""
    _hard(cursor, batch, batch.rows)
    if batch.has(*ARRIVED):
        cursor.execute(_ARRIVED.format(rows=batch.rows), [_arrived(batch)])
    if batch.has(SOFT):
        _count(cursor, batch, batch.rows)
        _too_many(cursor, batch, batch.rows)


def rebuild(cursor: CursorWrapper, batch: Batch) -> None:
    """Count anew for merged contacts. Only what is new leaves out: a person may have let an address in again."""
    cursor.execute(_FORGET, [list(batch.rebuilt or ())])
    _count(cursor, batch, batch.history)
    _hard(cursor, batch, _IN_REBUILD)
    _too_many(cursor, batch, _IN_REBUILD)


def restore(cursor: CursorWrapper, base: Base) -> None:
    """Add the soft bounces in dropped months after which nothing arrived."""
    numbers = kind_ids([SOFT, *ARRIVED])
    kinds_read = list(numbers.values())
    cursor.execute(_OF_BASE.format(base=base.rows), {"soft": numbers[SOFT], "kinds": kinds_read})


def _arrived(batch: Batch) -> list[int]:
    return [batch.kinds[kind] for kind in ARRIVED]


def _hard(cursor: CursorWrapper, batch: Batch, rows: str) -> None:
    for kind in (HARD, COMPLAINED):
        if batch.has(kind):
            cursor.execute(_FAULTS.format(rows=rows), [kind, batch.kinds[kind]])
            _leave_out(cursor.fetchall())


def _count(cursor: CursorWrapper, batch: Batch, rows: str) -> None:
    cursor.execute(_SOFT.format(rows=rows), [batch.kinds[SOFT], _arrived(batch)])


def _too_many(cursor: CursorWrapper, batch: Batch, rows: str) -> None:
    cursor.execute(_TOO_MANY.format(rows=rows), [SOFT, batch.kinds[SOFT], settings.SOFT_BOUNCES])
    _leave_out(cursor.fetchall())


def _leave_out(rows: Sequence[tuple[str, str, datetime, str]]) -> None:
    suppress(Mailbox(key, _REASONS[kind], at, detail) for email, kind, at, detail in rows if (key := _key_of(email)))


def _key_of(email: str) -> str:
    """Return the keyed hash of an address a mail went to; "" for one that could never have been a mailbox."""
    try:
        return email_key(normalise(email))
    except BadAddress:
        return ""


def reset(cursor: CursorWrapper) -> None:
    """Forget the counts; addresses that were left out stay so."""
    cursor.execute("TRUNCATE campaigns_softbounces")


BOUNCES = Follower("bounces", apply, kinds=kinds, rebuild=rebuild, reset=reset, restore=restore)
