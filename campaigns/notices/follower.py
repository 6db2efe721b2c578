"""The follower that notes each statement on marketing mail whose result is to be told. Registered by CampaignsConfig.

What came by an import was said elsewhere, and whoever took it down owes its notice; a merge says nothing new.
"""

from datetime import timedelta

from django.db.backends.utils import CursorWrapper

from contacts.consent.record import GRANTED, WITHDRAWN
from contacts.ledger.batch import Batch
from contacts.ledger.followers import Follower

WITHIN = timedelta(days=14)  # what the law grants; an older statement is not told any more
DELAY = 10  # minutes: who changes her mind at once is told the last word alone
NOT_SAID_HERE = ("import", "merge")
_NOTE = """
INSERT INTO campaigns_consentnotice (kind, round, contact_id, entry_id, state, due_at, fence, attempts, last_error)
SELECT 'result', 0, e.contact_id, (e.properties ->> 'entry')::bigint, 'ready',
       e.recorded_at + make_interval(mins => %s), 0, 0, ''
FROM {rows} AS e
WHERE e.properties ->> 'purpose' = 'marketing' AND e.properties ->> 'channel' = 'email'
  AND NOT coalesce(e.properties ->> 'source', '') = ANY(%s) AND e.recorded_at > %s
  AND e.properties ->> 'entry' IS NOT NULL AND EXISTS (SELECT FROM campaigns_noticesettings WHERE results)
ORDER BY e.tx, e.id
ON CONFLICT DO NOTHING
"""


def kinds() -> list[str]:
    """Return the kinds that are followed."""
    return [GRANTED, WITHDRAWN]


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Note the statements of the batch, while results are to be told."""
    cursor.execute(_NOTE.format(rows=batch.rows), [DELAY, list(NOT_SAID_HERE), batch.now - WITHIN])


NOTICES = Follower("consent_notices", apply, kinds=kinds)
