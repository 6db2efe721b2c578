"""Who would have come in over the days of a rehearsal: the triggers, asked of the past day by day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from contacts.segments.moments import past_moment
from contacts.segments.rules.sql import Sql, compose
from journeys.graph.graph import Graph
from journeys.steps.kind import Cleaned
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind

_TAKE = "INSERT INTO rehearsal_start (contact_id, key, at, cause, facts) {found}"
_EVENTS = """(
    SELECT e.id, e.tx, e.contact_id, e.subject_id, e.occurred_at, e.recorded_at, e.cause, e.kind_id, e.depth, e.value,
           e.properties
    FROM event e JOIN ledger_kind k ON k.id = e.kind_id
    WHERE k.key = ANY(%s) AND e.occurred_at > %s AND e.occurred_at <= %s
)"""
_GONE = """
DELETE FROM rehearsal_start s WHERE NOT EXISTS (
    SELECT FROM contacts_contact c WHERE c.id = s.contact_id AND c.merged_into_id IS NULL
)
"""
_PREPARE = (
    "CREATE INDEX IF NOT EXISTS rehearsal_start_of ON rehearsal_start (contact_id, key, at)",
    "ANALYZE rehearsal_start",
)


def find(cursor: CursorWrapper, graph: Graph, since: datetime, until: datetime, go_on: Callable[[], None]) -> int:
    """Fill rehearsal_start with everybody whom a trigger would have brought in over (since, until]; return how many.

    `go_on` is called after each day.
    """
    for kind, cleaned in _ways_in(graph):
        for begin, end in days(since, until):
            go_on()
            if (asked := _asked(kind, cleaned, begin, end)) is not None:
                found = compose(_TAKE, found=asked)
                cursor.execute(found.text, found.params)
    cursor.execute(_GONE)
    for statement in _PREPARE:
        cursor.execute(statement)
    cursor.execute("SELECT count(*) FROM rehearsal_start")
    return int(cursor.fetchone()[0])


def _ways_in(graph: Graph) -> Iterator[tuple[TriggerKind, Cleaned]]:
    """Yield each way in with its settings; one that cannot be read brings nobody in."""
    for trigger in graph.triggers:
        kind = TRIGGER_KINDS[trigger.kind]
        form = kind.read(trigger.settings)
        if form.is_valid():
            yield kind, form.cleaned_data


def _asked(kind: TriggerKind, cleaned: Cleaned, begin: datetime, end: datetime) -> Sql | None:
    names = sorted(kind.kinds(cleaned))
    events = kind.started(cleaned, Sql(_EVENTS, (names, begin, end))) if names else None
    return events or kind.due(cleaned, begin, end, past_moment(end))


def days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretch in pieces of a day, each short enough for one statement."""
    begin = since
    while begin < until:
        end = min(begin + timedelta(days=1), until)
        yield begin, end
        begin = end
