"""For how many people of a dispatch openings and clicks can be counted: those who agreed to it when their mail left.

Told from what was sent and from the record of consent, so that sending keeps no books on it.
"""

from datetime import timedelta

from django.db import connection

from campaigns.mailers.replies import Outcome
from campaigns.sending.models import Dispatch, DispatchState
from contacts.ledger.dictionary import kind_ids

_CLOSED = (DispatchState.FINISHED, DispatchState.CANCELLED)
# Who has said nothing since the mail left (nearly all) is told from the current state alone.
_COUNT = """
SELECT count(DISTINCT e.contact_id) FROM event e
JOIN contacts_consentstate t ON t.contact_id = e.contact_id AND t.purpose = 'tracking' AND t.channel = 'email'
WHERE e.kind_id = %s AND e.occurred_at >= %s
  AND e.subject_id = (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = %s)
  AND CASE WHEN t.since <= e.occurred_at THEN t.decision = 'granted' ELSE (
    SELECT c.decision = 'granted' FROM contacts_consententry c
    WHERE c.contact_id = e.contact_id AND c.purpose = 'tracking' AND c.channel = 'email' AND c.at <= e.occurred_at
    ORDER BY c.at DESC, c.decision DESC, c.id DESC LIMIT 1) END
"""


def counted(dispatch: Dispatch) -> int:
    """Return for how many people it can be counted; of a closed dispatch the stored number, where there is one."""
    if dispatch.trackable is not None:
        return dispatch.trackable
    with connection.cursor() as cursor:
        since = dispatch.created_at - timedelta(days=1)
        cursor.execute(_COUNT, [kind_ids([Outcome.SENT.kind])[Outcome.SENT.kind], since, str(dispatch.pk)])
        return int(cursor.fetchone()[0])


def store() -> list[int]:
    """Keep the number of each closed dispatch that has none yet, and return their ids. Called by the sweep."""
    found = Dispatch.objects.filter(state__in=_CLOSED, trackable=None).order_by("pk")
    for dispatch in found:
        Dispatch.objects.filter(pk=dispatch.pk, state=dispatch.state).update(trackable=counted(dispatch))
    return [dispatch.pk for dispatch in found]
