"""Saying that two contacts are two people: remembered for ever, also when one of them is merged into a third."""

from datetime import datetime
from typing import Any

from django.db import connection

from contacts.duplicates.models import DuplicatePair, PairState
from contacts.identity.handlers import MergeHandler
from crm.team.models import User

_INHERIT = """
INSERT INTO contacts_duplicatepair AS p
    (first_id, second_id, score, reasons, state, found_at, decided_at, decided_by_id)
SELECT least(%(winner)s, d.other), greatest(%(winner)s, d.other), d.score, d.reasons, d.state, d.found_at, d.decided_at,
       d.decided_by_id
FROM (
    SELECT CASE WHEN first_id = %(loser)s THEN second_id ELSE first_id END AS other, * FROM contacts_duplicatepair
    WHERE state = 'distinct' AND (first_id = %(loser)s OR second_id = %(loser)s)
) AS d WHERE d.other <> %(winner)s
ON CONFLICT (first_id, second_id) DO UPDATE
SET state = excluded.state, decided_at = excluded.decided_at, decided_by_id = excluded.decided_by_id
WHERE p.state = 'open' RETURNING p.id
"""


def keep_apart(pair: DuplicatePair, *, by: User, now: datetime) -> bool:
    """Say that the two are two people; return False, and change nothing, when that was said before."""
    return bool(_decide(pair, PairState.OPEN, state=PairState.DISTINCT, decided_at=now, decided_by=by))


def reopen(pair: DuplicatePair) -> bool:
    """Take the decision back; return whether there was one."""
    return bool(_decide(pair, PairState.DISTINCT, state=PairState.OPEN, decided_at=None, decided_by=None))


def _decide(pair: DuplicatePair, held: PairState, **fields: Any) -> int:
    return DuplicatePair.objects.filter(pk=pair.pk, state=held).update(**fields)


def _inherit(winner_id: int, loser_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_INHERIT, {"winner": winner_id, "loser": loser_id})
        return [number for (number,) in cursor.fetchall()]


def _give_back(_winner_id: int, _loser_id: int, moved: Any) -> None:
    DuplicatePair.objects.filter(pk__in=list(moved)).delete()


DISTINCT_PAIRS = MergeHandler("distinct_pairs", _inherit, _give_back)
