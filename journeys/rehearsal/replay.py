"""A draft run over the last days of the real ledger, without sending: what would have happened.

People are taken in ranges, each led through all its days before the next, in statements of well under a second: an
open writer would hold up the followers. What is not in the ledger is taken as it is today: fields, consent, who is
excluded; the page says so.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from journeys.graph.graph import Graph
from journeys.rehearsal.admitting import admit
from journeys.rehearsal.flowing import Flow
from journeys.rehearsal.result import Found
from journeys.rehearsal.starts import find
from journeys.rehearsal.tables import tables

RANGE = 5_000  # starts of people led through together: wider ones make statements of over a second
MOST_ROUNDS = 200  # how often one person may come in
_RANGES = """
SELECT max(contact_id) FROM (
    SELECT contact_id, (row_number() OVER (ORDER BY contact_id) - 1) / %s AS part FROM rehearsal_start
) AS numbered GROUP BY part ORDER BY part
"""
_CLEAR = "TRUNCATE rehearsal_inside, rehearsal_mail, rehearsal_trace"
type Progress = Callable[[float], None]


def replay(
    graph: Graph, days: int, until: datetime, progress: Progress = lambda _share: None, *, journey_id: int = 0
) -> Found:
    """Run a graph that has no problems over the `days` before `until`; `progress` is told a share from 0 to 1.

    `journey_id`: with it people fall on the same side of a random split as they will.

    Reads only; what it notes meanwhile lies in temporary tables of this session.
    """
    found = Found(days)
    with tables() as cursor:
        found.people = find(cursor, graph, until - timedelta(days=days), until, lambda: progress(0))
        cursor.execute(_RANGES, [RANGE])
        ends = [end for (end,) in cursor.fetchall()]
        low, flow = 0, Flow(cursor, graph, until, found, journey_id=journey_id)
        for number, high in enumerate(dict.fromkeys(ends), start=1):
            _lead(cursor, graph, (low, high), flow, found)
            low = high + 1
            progress(number / len(ends))
    return found


def _lead(cursor: CursorWrapper, graph: Graph, within: tuple[int, int], flow: Flow, found: Found) -> None:
    cursor.execute(_CLEAR)
    for _round in range(MOST_ROUNDS):
        if not admit(cursor, flow.rules, graph.first, within, found):
            return
        flow.lead_on()
