"""The follower `journeys`: notes whom events bring in, and whom to look at anew. It moves nobody."""

import logging
from datetime import timedelta

from django.db import DataError, ProgrammingError, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.batch import Batch
from contacts.ledger.dictionary import kind_ids
from contacts.ledger.followers import Follower
from contacts.segments.rules.sql import Sql, compose
from journeys.engine import live, locks
from journeys.engine.live import Live, LiveTrigger

log = logging.getLogger(__name__)

LATE = timedelta(days=3)  # what is told later than this after it happened is history, not news: it starts nothing
# Only what was told after the journey began, and was news then: imported pasts bring nobody in.
_NEWS = """(
    SELECT * FROM {rows} AS told
    WHERE told.recorded_at >= %s AND told.occurred_at > told.recorded_at - %s
)"""
_START = """
INSERT INTO journeys_startrequest (journey_id, contact_id, key, at, cause, facts)
SELECT %s, s.contact_id, left(coalesce(s.key, ''), 120), s.at, s.cause, s.facts
FROM ({started}) AS s (contact_id, key, at, cause, facts)
"""
# Somebody inside may wait for it; somebody who was inside may have reached the goal after all.
_TOUCH = """
INSERT INTO journeys_touched (contact_id, kind_id)
SELECT DISTINCT e.contact_id, e.kind_id FROM {rows} AS e
WHERE e.kind_id = ANY(%s) AND EXISTS (SELECT FROM journeys_enrolment n WHERE n.contact_id = e.contact_id)
"""
# Other people's events are hers now, or hers no longer: whatever she waits for is looked up anew.
_TOUCH_MERGED = """
INSERT INTO journeys_touched (contact_id)
SELECT e.contact_id FROM {rows} AS e WHERE e.kind_id = ANY(%s)
UNION SELECT other::bigint
FROM {rows} AS e, jsonb_array_elements_text(coalesce(e.properties -> 'contacts', '[]')) AS other
WHERE e.kind_id = ANY(%s)
"""
_MERGES = ("contact.merged", "contact.unmerged")


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Note who is to come in and who is to be looked at."""
    locks.following()
    now_live = live.current()
    if now_live.journeys:
        _start(cursor, batch, now_live)
        _touch(cursor, batch, now_live)


def _start(cursor: CursorWrapper, batch: Batch, now_live: Live) -> None:
    present = {kind for kind, number in kind_ids(now_live.starts).items() if number in batch.counts}
    asked = {(one.journey_id, one.key): one for kind in present for one in now_live.starts[kind]}
    for _, trigger in sorted(asked.items()):
        try:
            with transaction.atomic():
                _request(cursor, batch, trigger)
        except (DataError, ProgrammingError):  # one way in must not stop all the others, nor the ledger
            log.exception("trigger %s of journey %s cannot be asked", trigger.key, trigger.journey_id)


def _request(cursor: CursorWrapper, batch: Batch, trigger: LiveTrigger) -> None:
    news = compose(_NEWS, trigger.since, LATE, rows=Sql(batch.rows))
    started = trigger.kind.started(trigger.cleaned, news)
    if started is not None:
        statement = compose(_START, trigger.journey_id, started=started)
        cursor.execute(statement.text, statement.params)


def _touch(cursor: CursorWrapper, batch: Batch, now_live: Live) -> None:
    watched = {*now_live.wakes, *now_live.goals}
    numbers = [number for number in kind_ids(watched).values() if number in batch.counts]
    if numbers:
        cursor.execute(_TOUCH.format(rows=batch.rows), [numbers])
    if batch.has(*_MERGES):
        merges = [batch.kinds[kind] for kind in _MERGES]
        cursor.execute(_TOUCH_MERGED.format(rows=batch.rows), [merges, merges])


JOURNEYS = Follower("journeys", apply, inputs=("identity", "classifier", "states", "subjects", "segments", "stages"))
