"""The follower `segments` notes whom to look at anew after an event that some rule reads; refreshing.py looks."""

from django.db.backends.utils import CursorWrapper

from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.segments import index as segment_index

NOTING = 7_238  # advisory lock: shared while touches are noted, alone when a build begins (docs/segments.md)
INPUTS = ("identity", "classifier", "states", "subjects", "totals", "seen", "touches", "scores")
_NOTE = """
INSERT INTO contacts_segmenttouch (contact_id, kind_id)
SELECT DISTINCT e.contact_id, e.kind_id FROM {events} AS e WHERE e.kind_id = ANY(%s)
"""
# A hit that counts no more touches whoever reads the kind as which it counted.
_NOTE_RECLASSIFIED = """
INSERT INTO contacts_segmenttouch (contact_id, kind_id)
SELECT DISTINCT e.contact_id, k.id FROM {events} AS e JOIN ledger_kind k ON k.key = e.properties ->> 'kind'
WHERE e.kind_id = %s AND k.id = ANY(%s)
"""
_NOTE_MERGED = """
INSERT INTO contacts_segmenttouch (contact_id)
SELECT e.contact_id FROM {events} AS e WHERE e.kind_id = ANY(%s)
UNION SELECT other::bigint
FROM {events} AS e, jsonb_array_elements_text(coalesce(e.properties -> 'contacts', '[]')) AS other
WHERE e.kind_id = ANY(%s)
"""


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Note the people of a batch who may enter or leave a segment."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [NOTING])
    index = segment_index.current()
    if not index.entries:
        return
    read = [number for number in kind_ids(index.by_kind).values() if number in batch.counts]
    if read:
        cursor.execute(_NOTE.format(events=batch.rows), [read])
    if batch.has("hit.reclassified"):
        numbers = list(kind_ids(index.by_kind).values())
        cursor.execute(_NOTE_RECLASSIFIED.format(events=batch.rows), [batch.kinds["hit.reclassified"], numbers])
    if batch.has("contact.merged", "contact.unmerged"):
        numbers = [batch.kinds["contact.merged"], batch.kinds["contact.unmerged"]]
        cursor.execute(_NOTE_MERGED.format(events=batch.rows), [numbers, numbers])


SEGMENTS = Follower("segments", apply, inputs=INPUTS)
