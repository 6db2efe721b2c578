"""Frequency caps. A send is reserved before it is handed over: a mere read lets two workers pass a cap of 1.

One row per person holds what was given of late; the row lock decides between workers.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from campaigns.sending.models import FrequencyCap
from crm.kit.prepared import array

# What stays of a row whose oldest send has left the window, or whose message has its place already.
_KEPT = """(
    SELECT array_agg({column} ORDER BY t) FROM (
        SELECT m, t FROM unnest(s.message_ids, s.times) AS u(m, t)
        WHERE t > %(since)s AND m <> EXCLUDED.message_ids[1]
        UNION ALL SELECT EXCLUDED.message_ids[1], EXCLUDED.times[1]
    ) AS kept
)"""
# Ordered by contact, so that two workers never wait for each other in a circle. A message that has its place already
# (a repeat after a crash) keeps it and passes. Mostly the arrays only grow, which costs a third of writing them anew.
_RESERVE = f"""
INSERT INTO contact_send_state AS s (contact_id, message_ids, times)
SELECT contact_id, ARRAY[message_id], ARRAY[%(now)s::timestamptz]
FROM unnest(%(contacts)s::bigint[], %(messages)s::bigint[]) AS w(contact_id, message_id) ORDER BY contact_id
ON CONFLICT (contact_id) DO UPDATE SET
    message_ids = CASE WHEN s.times[1] > %(since)s AND NOT EXCLUDED.message_ids[1] = ANY(s.message_ids)
        THEN s.message_ids || EXCLUDED.message_ids ELSE {_KEPT.format(column="m")} END,
    times = CASE WHEN s.times[1] > %(since)s AND NOT EXCLUDED.message_ids[1] = ANY(s.message_ids)
        THEN s.times || EXCLUDED.times ELSE {_KEPT.format(column="t")} END
WHERE cardinality(s.times) < %(sends)s OR EXCLUDED.message_ids[1] = ANY(s.message_ids)
   OR (SELECT count(*) FROM unnest(s.times) AS t WHERE t > %(since)s) < %(sends)s
RETURNING contact_id
"""  # noqa: S608 - constants
_RELEASE = """
UPDATE contact_send_state s SET
    message_ids = array(SELECT m FROM unnest(s.message_ids, s.times) AS u(m, t) WHERE NOT m = ANY(%(messages)s)),
    times = array(SELECT t FROM unnest(s.message_ids, s.times) AS u(m, t) WHERE NOT m = ANY(%(messages)s))
FROM (
    SELECT contact_id FROM contact_send_state WHERE contact_id = ANY(%(contacts)s) ORDER BY contact_id FOR UPDATE
) AS locked
WHERE s.contact_id = locked.contact_id AND s.message_ids && %(messages)s::bigint[]
"""


def cap() -> FrequencyCap | None:
    """Return the cap in force, None when there is none."""
    return FrequencyCap.objects.first()


def reserve(wanted: Sequence[tuple[int, int]], limit: FrequencyCap, now: datetime) -> set[int]:
    """Reserve one send for each (contact, message) and return the messages that may go.

    One statement per person and message; two messages to one person in one slice are taken one after the other.
    """
    passed: set[int] = set()
    left = list(wanted)
    while left:
        turn, left = _one_each(left)
        messages = dict(turn)
        with connection.cursor() as cursor:
            cursor.execute(
                _RESERVE,
                {
                    "contacts": array(messages),
                    "messages": array(messages.values()),
                    "now": now,
                    "since": now - timedelta(days=limit.days),
                    "sends": limit.sends,
                },
            )
            passed |= {messages[contact] for (contact,) in cursor.fetchall()}
    return passed


def _one_each(wanted: Iterable[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    first: dict[int, int] = {}
    later = []
    for contact, message in wanted:
        if contact in first:
            later.append((contact, message))
        else:
            first[contact] = message
    return list(first.items()), later


def release(given_back: Sequence[tuple[int, int]]) -> None:
    """Give back the sends of (contact, message) that did not come about. Harmless to repeat."""
    if not given_back:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASE, {"contacts": [contact for contact, _ in given_back], "messages": [m for _, m in given_back]}
        )
