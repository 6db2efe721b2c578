"""The follower of bounces and complaints: leaves out addresses that do not exist, that complained, or fail each time.

It sees the answers of SMTP servers and the webhooks of providers alike, for both are events in the ledger.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from contacts.consent.models import SuppressionReason
from contacts.consent.suppress import Mailbox, suppress
from contacts.ledger.batch import Batch
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


def kinds() -> list[str]:
    """Return the kinds that are followed."""
    return [HARD, SOFT, COMPLAINED, *ARRIVED]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Leave out whom the batch gives a reason for, and count soft bounces in a row."""
    for kind in (HARD, COMPLAINED):
        if batch.has(kind):
            cursor.execute(_FAULTS.format(rows=batch.rows), [kind, batch.kinds[kind]])
            _leave_out(cursor.fetchall())
    arrived = [batch.kinds[kind] for kind in ARRIVED]
    if batch.has(*ARRIVED):
        cursor.execute(_ARRIVED.format(rows=batch.rows), [arrived])
    if batch.has(SOFT):
        cursor.execute(_SOFT.format(rows=batch.rows), [batch.kinds[SOFT], arrived])
        cursor.execute(_TOO_MANY.format(rows=batch.rows), [SOFT, batch.kinds[SOFT], settings.SOFT_BOUNCES])
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


BOUNCES = Follower("bounces", apply, kinds=kinds, reset=reset)
