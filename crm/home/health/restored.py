"""After a restore: what waits to be sent, and the word of a person that lets it go."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from contacts.ledger.replay import raise_offset
from crm.team import hold

_WAITS = """
SELECT (SELECT coalesce(sum(c.last - c.first + 1), 0)::bigint FROM campaigns_chunk c
          JOIN campaigns_dispatch d ON d.id = c.dispatch_id
         WHERE c.state IN ('ready', 'leased') AND d.state IN ('freezing', 'sending')),
       (SELECT count(*) FROM campaigns_retry),
       (SELECT count(*) FROM campaigns_campaign WHERE state = 'scheduled' AND scheduled_at <= %(now)s),
       (SELECT count(*) FROM journeys_enrolment WHERE ended_at IS NULL AND problem = '' AND due_at <= %(now)s),
       (SELECT count(*) FROM journeys_call WHERE state IN ('ready', 'leased')),
       (SELECT count(*) FROM team_notice WHERE state IN ('ready', 'leased'))
         + (SELECT count(*) FROM contacts_optin WHERE state IN ('ready', 'leased'))
         + (SELECT count(*) FROM campaigns_consentnotice WHERE state IN ('ready', 'leased') AND due_at <= %(now)s)
"""


@dataclass(frozen=True)
class Waiting:
    """What would leave at once. Mails of chunks are counted whole: part of one may have left before the back-up."""

    mails: int
    retries: int
    campaigns: int
    people: int
    calls: int
    notices: int


def waiting(now: datetime) -> Waiting:
    """Return what would leave once sending is let go."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, {"now": now})
        return Waiting(*(int(count) for count in cursor.fetchone()))


def let_go() -> bool:
    """Raise the ledger's offset, so that nothing is counted twice or not at all, and let this database send.

    Return whether it was held. A repeat is harmless.
    """
    with transaction.atomic():
        raise_offset()
        return hold.release()
