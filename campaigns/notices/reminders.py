"""Reminders before each second year of a consent to marketing mail ends. Planned once a day, in ranges of contacts."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from campaigns.notices.models import NoticeSettings
from contacts.people.models import Contact

AHEAD = 30  # days before the second year ends
_RANGE = 100_000  # contact ids a transaction
# A consent given anew begins its years anew, since its state has a new `since`.
_PLAN = """
INSERT INTO campaigns_consentnotice (kind, round, contact_id, entry_id, state, due_at, fence, attempts, last_error)
SELECT 'reminder', r.round, k.contact_id, k.entry_id, 'ready',
       k.since + make_interval(years => 2 * r.round) - make_interval(days => %(ahead)s), 0, 0, ''
FROM contacts_consentstate k
CROSS JOIN LATERAL (
    SELECT extract(year FROM age(%(now)s::timestamptz + make_interval(days => %(ahead)s), k.since))::int / 2 AS round
) AS r
WHERE k.purpose = 'marketing' AND k.channel = 'email' AND k.decision = 'granted'
  AND k.contact_id BETWEEN %(low)s AND %(high)s
  AND r.round > 0 AND k.since + make_interval(years => 2 * r.round) > %(now)s
ORDER BY k.contact_id
ON CONFLICT DO NOTHING
"""


def plan(now: datetime) -> int:
    """Note whom to remind within the next 30 days, if that is wanted, and return how many are new. May be repeated.

    Whose second year has ended already is reminded before the next one ends.
    """
    if not NoticeSettings.objects.filter(reminders=True).exists():
        return 0
    last = Contact.objects.aggregate(last=Max("pk"))["last"] or 0
    return sum(_plan_range(now, low) for low in range(1, last + 1, _RANGE))


def _plan_range(now: datetime, low: int) -> int:
    bounds: dict[str, datetime | int] = {"now": now, "ahead": AHEAD, "low": low, "high": low + _RANGE - 1}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PLAN, bounds)
        return int(cursor.rowcount)
