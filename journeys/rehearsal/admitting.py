"""Who of those whom a trigger brought would be let in: in the order of time, by what is open of each person's starts.

Whether a second start is let in depends on when the first way ended, so starts are taken in rounds: in each the next
one of every person and key. Most journeys take one round.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from contacts.segments.moments import past_moment
from contacts.segments.rules.sql import compose
from journeys.engine.live import LiveRules
from journeys.engine.models import Refused
from journeys.rehearsal.result import SAMPLE, Found

# The next start of each person and key among these people, and what speaks against it.
_NEXT = """
WITH next AS (
    SELECT DISTINCT ON (s.contact_id, s.key) s.id, s.contact_id, s.key, s.at
    FROM rehearsal_start s WHERE NOT s.taken AND s.contact_id BETWEEN %(low)s AND %(high)s
    ORDER BY s.contact_id, s.key, s.at, s.id
), judged AS (
    SELECT n.id, CASE
        WHEN b.ended = 'waiting' OR b.ended_at > n.at THEN 'inside'
        WHEN NOT %(always)s AND a.entered_at > n.at - %(pause)s::interval THEN 'again'
        ELSE '' END AS refused
    FROM next n
    LEFT JOIN LATERAL (
        SELECT i.ended, i.ended_at FROM rehearsal_inside i WHERE i.contact_id = n.contact_id AND i.key = n.key
        ORDER BY i.entered_at DESC LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (
        SELECT i.entered_at FROM rehearsal_inside i WHERE i.contact_id = n.contact_id
        ORDER BY i.entered_at DESC LIMIT 1
    ) a ON true
)
UPDATE rehearsal_start s SET taken = true, refused = j.refused FROM judged j WHERE s.id = j.id
RETURNING s.id, s.refused, s.at
"""
_ENTRY = """
UPDATE rehearsal_start s SET refused = 'entry'
WHERE s.id = ANY(%s) AND NOT EXISTS (
    SELECT FROM contacts_contact c WHERE c.id = s.contact_id AND {test}
)
RETURNING s.id
"""
_ENTER = """
INSERT INTO rehearsal_inside (id, contact_id, key, step, visit, at, arrived_at, entered_at, cause, sampled)
SELECT s.id, s.contact_id, s.key, %s, 0, s.at, s.at, s.at, s.cause, s.id %% %s = 0
FROM rehearsal_start s WHERE s.id = ANY(%s)
"""
_EVER = timedelta(days=36_500)


def admit(cursor: CursorWrapper, rules: LiveRules, first: str, within: tuple[int, int], found: Found) -> int:
    """Let in the next start of each of these people, counting who is not let in; return how many starts were looked at.

    0: nothing is left to be taken.
    """
    again = rules.stored.again
    pause = timedelta(days=rules.stored.again_days) if again == "after" else _EVER
    params: dict[str, Any] = {"low": within[0], "high": within[1], "always": again == "always", "pause": pause}
    cursor.execute(_NEXT, params)
    looked = cursor.fetchall()
    found.refused.update(refused for _id, refused, _at in looked if refused)
    let_in = _meet_entry(cursor, rules, [(start, at) for start, refused, at in looked if not refused], found)
    cursor.execute(_ENTER, [first, _one_in(found), let_in])
    found.entered += len(let_in)
    found.arrived[first] += len(let_in)
    return len(looked)


def _one_in(found: Found) -> int:
    """Return one in how many starts is followed in full, so that the sample comes from all of them."""
    return max(1, found.people // (4 * SAMPLE))


def _meet_entry(cursor: CursorWrapper, rules: LiveRules, starts: list[tuple[int, datetime]], found: Found) -> list[int]:
    """Return the starts whose people meet the entry rule, as it stood at the end of the day of each."""
    if rules.entry is None or not starts:
        return [start for start, _at in starts]
    refused = set()
    for day in sorted({at.date() for _start, at in starts}):
        of_day = [(start, at) for start, at in starts if at.date() == day]
        test = rules.entry.test(past_moment(max(at for _start, at in of_day)))
        asked = compose(_ENTRY, [start for start, _at in of_day], test=test)
        cursor.execute(asked.text, asked.params)
        refused |= {start for (start,) in cursor.fetchall()}
    found.refused[Refused.ENTRY] += len(refused)
    return [start for start, _at in starts if start not in refused]
