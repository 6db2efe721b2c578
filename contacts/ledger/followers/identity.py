"""The first follower: gives the events of merged contacts to the one that stays, also those still in flight.

The truth is contact.merged_into: whatever order merges and their undoing are read in, the events end where it says.
"""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.batch import Batch
from contacts.ledger.followers import IDENTITY, Follower

# Contacts of this batch whose events may stand under the wrong id.
_TOUCHED = """
SELECT b.contact_id FROM ledger_batch b JOIN contacts_contact c ON c.id = b.contact_id
WHERE c.merged_into_id IS NOT NULL
UNION SELECT b.contact_id FROM ledger_batch b WHERE b.kind_id = ANY(%s)
UNION SELECT other::bigint
FROM ledger_batch b, jsonb_array_elements_text(coalesce(b.properties -> 'contacts', '[]')) AS other
WHERE b.kind_id = ANY(%s)
"""
# With several processes: nobody else may be in the middle of a batch with these contacts' events.
_HOLD = "SELECT FROM ledger_lane WHERE shard = ANY(%s) ORDER BY shard FOR UPDATE"
# Under whom each event was recorded, where that one's redirects end, and the move there.
_REHOME = """
WITH RECURSIVE origin AS (
    SELECT DISTINCT coalesce(origin_contact_id, contact_id) AS id FROM event WHERE contact_id = ANY(%(touched)s)
), walk AS (
    SELECT o.id, o.id AS at FROM origin o
    UNION SELECT w.id, c.merged_into_id FROM walk w JOIN contacts_contact c ON c.id = w.at
    WHERE c.merged_into_id IS NOT NULL
), root AS (
    SELECT w.id, w.at AS root FROM walk w LEFT JOIN contacts_contact c ON c.id = w.at WHERE c.merged_into_id IS NULL
)
UPDATE event e SET contact_id = r.root, origin_contact_id = CASE WHEN r.root = r.id THEN NULL ELSE r.id END
FROM root r
WHERE e.contact_id = ANY(%(touched)s) AND coalesce(e.origin_contact_id, e.contact_id) = r.id AND e.contact_id <> r.root
"""
_REREAD = """
UPDATE ledger_batch b SET contact_id = e.contact_id FROM event e
WHERE b.contact_id = ANY(%s) AND e.tx = b.tx AND e.id = b.id AND e.occurred_at = b.occurred_at
  AND e.contact_id <> b.contact_id
"""
_VERDICTS = """
UPDATE hit_verdict v SET contact_id = e.contact_id FROM event e
WHERE v.contact_id = ANY(%s) AND e.contact_id <> v.contact_id AND e.id = v.hit_id AND e.occurred_at = v.at
"""


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Move events in the ledger, and in the batch that the next followers read."""
    numbers = [batch.kinds["contact.merged"], batch.kinds["contact.unmerged"]]
    cursor.execute(_TOUCHED, [numbers, numbers])
    touched = [contact for (contact,) in cursor.fetchall()]
    if touched:
        cursor.execute(_HOLD, [sorted({contact & 63 for contact in touched})])
        cursor.execute(_REHOME, {"touched": touched})
        cursor.execute(_REREAD, [touched])
        cursor.execute(_VERDICTS, [touched])


IDENTITY_FOLLOWER = Follower(IDENTITY, apply)
