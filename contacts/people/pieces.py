"""How common the two-letter pieces of names and addresses are: which of them an index should be asked for."""

import time
from collections.abc import Mapping
from typing import ClassVar

from django.db import connection

MOST = 3  # pieces asked for; each costs a read of all who have it
COMMON = 0.25  # of all people: where so many have even the rarest piece, reading people in their order is quicker
_KEPT_SECONDS = 600.0
# What PostgreSQL keeps of the index over the pieces; the shares end with three numbers about all of them.
_SHARES = """
SELECT u.piece, u.share FROM pg_stats s,
    unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS u(piece, share)
WHERE s.schemaname = current_schema() AND s.tablename = 'contact_search' AND u.piece IS NOT NULL
"""


class _Memory:
    """The shares of each database, and when they were read."""

    read: ClassVar[dict[str, tuple[float, Mapping[str, float]]]] = {}


def _shares() -> Mapping[str, float]:
    database, now = str(connection.settings_dict["NAME"]), time.monotonic()
    kept = _Memory.read.get(database)
    if kept is None or now - kept[0] > _KEPT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(_SHARES)
            kept = _Memory.read[database] = (now, dict(cursor.fetchall()))
    return kept[1]


def rarest(word: str) -> list[str]:
    """Return the few pieces of a word of two letters or more to look up; none where all of them are common.

    What is looked up is compared with the whole word afterwards, so that this decides over speed alone.
    """
    pieces = dict.fromkeys(word[place : place + 2] for place in range(len(word) - 1))
    shares = _shares()
    ordered = sorted(pieces, key=lambda piece: shares.get(piece, 0.0))
    return [] if shares.get(ordered[0], 0.0) > COMMON else ordered[:MOST]
