"""Ranking all buyers: how lately, how often and for how much they bought, in fifths. Every night, and on demand.

Everybody with equal figures gets the same rank: 1 and one more for each fifth of the buyers who have less. Cancelled
orders do not count, what was given back is taken off; sums are those of orders in the company's currency.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from contacts.habits.models import BuyerCount
from contacts.segments.touching import touch

RANKED = "buyer.ranked"  # a kind that rules name; it has no events, its people are noted by touch
RANGE = 50_000  # contact ids in a transaction
# Read in one piece, by nobody who writes; written in ranges, each under a second.
_RANKS = """
SELECT contact_id / %(range)s, array_agg(contact_id)::text, array_agg(r)::text, array_agg(f)::text, array_agg(m)::text
FROM (
    SELECT contact_id, 1 + least(4, floor(percent_rank() OVER (ORDER BY lately) * 5))::int AS r,
        1 + least(4, floor(percent_rank() OVER (ORDER BY times) * 5))::int AS f,
        1 + least(4, floor(percent_rank() OVER (ORDER BY spent) * 5))::int AS m
    FROM (
        SELECT o.contact_id, max(o.placed_at) AS lately, count(*) AS times,
            coalesce(sum(o.total - o.refunded) FILTER (WHERE o.currency = %(currency)s), 0) AS spent
        FROM contacts_order o JOIN contacts_contact c ON c.id = o.contact_id AND c.merged_into_id IS NULL
        WHERE o.status <> 'cancelled' AND o.placed_at <= %(now)s GROUP BY o.contact_id
    ) AS bought
) AS ranked GROUP BY 1
"""
_WRITE = """
WITH ranked AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(r)s::smallint[], %(f)s::smallint[], %(m)s::smallint[])
        AS b(contact_id, recency, frequency, monetary)
), written AS (
    INSERT INTO contacts_buyerrank AS b (contact_id, recency, frequency, monetary)
    SELECT contact_id, recency, frequency, monetary FROM ranked ORDER BY contact_id
    ON CONFLICT (contact_id) DO UPDATE
        SET recency = excluded.recency, frequency = excluded.frequency, monetary = excluded.monetary
        WHERE (b.recency, b.frequency, b.monetary) <> (excluded.recency, excluded.frequency, excluded.monetary)
    RETURNING contact_id
), gone AS (
    DELETE FROM contacts_buyerrank b WHERE b.contact_id >= %(low)s AND b.contact_id < %(high)s
        AND NOT EXISTS (SELECT FROM ranked r WHERE r.contact_id = b.contact_id) RETURNING b.contact_id
)
SELECT contact_id FROM written UNION ALL SELECT contact_id FROM gone
"""
_TOP = "SELECT greatest((SELECT max(contact_id) FROM contacts_buyerrank), (SELECT max(id) FROM contacts_contact), 0)"
_NO_ONE = ("{}", "{}", "{}", "{}")


def rank(now: datetime) -> int:
    """Rank everybody who bought up to `now`, have changed people looked at anew, and return how many changed.

    A repeat is harmless. Two at once write the same; each range is a transaction of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RANKS, {"range": RANGE, "currency": settings.COMPANY_CURRENCY, "now": now})
        found = {place: arrays for place, *arrays in cursor.fetchall()}
        cursor.execute(_TOP)
        top = cursor.fetchone()[0]
    changed = sum(_write(low, found.get(low // RANGE, _NO_ONE)) for low in range(0, top + 1, RANGE))
    buyers = sum(arrays[0].count(",") + 1 for arrays in found.values())
    BuyerCount.objects.update_or_create(pk=1, defaults={"at": now, "buyers": buyers})
    return changed


@transaction.atomic
def _write(low: int, arrays: tuple[str, ...] | list[str]) -> int:
    ids, r, f, m = arrays
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"ids": ids, "r": r, "f": f, "m": m, "low": low, "high": low + RANGE})
        changed = [contact for (contact,) in cursor.fetchall()]
    if changed:
        touch(RANKED, "SELECT unnest(%s::bigint[])", [changed])
    return len(changed)
