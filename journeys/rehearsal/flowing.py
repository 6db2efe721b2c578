"""People on their way through a draft, on the past: waves of batches, each row at its own time.

Nobody depends on anybody else, so a wave takes all who are before one step, whatever day it is for each. A kind that
asks rules gets its rows day by day, since a rule is asked for one moment.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from django.db.backends.utils import CursorWrapper

from campaigns.sending import reservations
from campaigns.sending.queries import usual_share
from contacts.segments.moments import past_moment
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose
from journeys.engine.batch import Batch, Place
from journeys.engine.live import LiveRules, read_rules
from journeys.errors import StepBroken
from journeys.graph.graph import Graph, Step
from journeys.rehearsal import leaving
from journeys.rehearsal.mails import advertises, mails_of
from journeys.rehearsal.result import Found
from journeys.rehearsal.tables import BATCH, TRACES
from journeys.steps.kind import STEP_KINDS
from journeys.steps.row_choice import remembered

_DAY = timedelta(days=1)
MOST_WAVES = 20_000  # a loop that waits a minute over 90 days is cut off here, and said
_BEFORE = "SELECT step FROM rehearsal_inside WHERE ended = '' GROUP BY step ORDER BY step"
_DAYS = """
SELECT date_trunc('day', at, 'UTC') AS day FROM rehearsal_inside WHERE ended = '' AND step = %s GROUP BY 1 ORDER BY 1
"""
_EMPTY = "TRUNCATE rehearsal_batch"
_FILL = """
INSERT INTO rehearsal_batch (id, contact_id, key, visit, at, arrived_at, entered_at, cause)
SELECT id, contact_id, key, visit, at, arrived_at, entered_at, cause FROM rehearsal_inside
WHERE ended = '' AND step = %(step)s AND (%(day)s::timestamptz IS NULL OR date_trunc('day', at, 'UTC') = %(day)s)
"""
# Who leaves goes to the outlet's target, or has come to the end. Who stays is looked at again at her time, every day
# where a rule may release her, and last at the end of the rehearsal: who stays then waits there.
_MOVE = """
WITH o (id, outlet, due_at, facts) AS MATERIALIZED ({outcome}),
told AS (
    SELECT o.id, o.outlet, n.target, b.at, b.arrived_at AS came_at,
           CASE WHEN o.outlet IS NOT NULL THEN greatest(b.arrived_at, coalesce(o.due_at, b.at))
                ELSE least(o.due_at, CASE WHEN %s THEN b.at + interval '1 day' END, %s) END AS next_at
    FROM o JOIN rehearsal_batch b ON b.id = o.id
    LEFT JOIN unnest(%s::text[], %s::text[]) AS n(outlet, target) ON n.outlet = o.outlet
), traced AS (
    INSERT INTO rehearsal_trace (enrolment_id, visit, contact_id, outlet, arrived_at, left_at, facts)
    SELECT b.id, b.visit, b.contact_id, t.outlet, b.arrived_at, t.next_at, '{{"message": null}}'
    FROM told t JOIN rehearsal_batch b ON b.id = t.id WHERE %s AND t.outlet IS NOT NULL
), moved AS (
    UPDATE rehearsal_inside i SET
        step = coalesce(t.target, i.step),
        visit = i.visit + (t.outlet IS NOT NULL)::int,
        arrived_at = CASE WHEN t.outlet IS NULL THEN i.arrived_at ELSE t.next_at END,
        at = t.next_at,
        ended = CASE WHEN t.outlet IS NOT NULL AND t.target IS NULL THEN 'completed'
                     WHEN t.outlet IS NULL AND t.next_at <= t.at THEN 'waiting' ELSE '' END,
        ended_at = CASE WHEN t.outlet IS NOT NULL AND t.target IS NULL THEN t.next_at END
    FROM told t WHERE i.id = t.id
    RETURNING i.id, i.contact_id, i.step, i.ended, i.sampled, t.outlet, t.target, t.came_at, t.next_at
)
SELECT outlet, target, ended, count(*),
       jsonb_agg(jsonb_build_array(id, contact_id, came_at, next_at)) FILTER (WHERE sampled AND outlet IS NOT NULL)
FROM moved GROUP BY outlet, target, ended
"""


def sound_rules(graph: Graph) -> LiveRules:
    """Return the conditions of a drawing, parsed once. Raises StepBroken when one cannot be read any more."""
    rules = read_rules(graph.rules)
    if rules.broken:
        raise StepBroken(rules.broken)
    return rules


class Flow:
    """Leads people through a graph that has no problems, up to `until`, counting into `found`."""

    def __init__(
        self, cursor: CursorWrapper, graph: Graph, until: datetime, found: Found, *, journey_id: int = 0
    ) -> None:
        with remembered((STEP_KINDS[step.kind].form, step.settings) for step in graph.steps):
            forms = {step.key: STEP_KINDS[step.kind].read(step.settings) for step in graph.steps}
            self._cleaned = {key: form.cleaned_data for key, form in forms.items() if form.is_valid()}
        mails = [step.key for step in graph.steps if STEP_KINDS[step.kind].uses_mail]
        self._advertising = {key: advertises(self._cleaned[key]["template"]) for key in mails if key in self._cleaned}
        self._share = cache(usual_share)
        self._cursor, self._graph, self._until, self._found = cursor, graph, until, found
        self._cap, self._journey_id = reservations.cap(), journey_id
        self.rules = sound_rules(graph)

    def lead_on(self) -> None:
        """Lead everybody inside on until each has left or waits beyond the end."""
        for _wave in range(MOST_WAVES):
            self._cursor.execute(_BEFORE)
            before = [key for (key,) in self._cursor.fetchall()]
            if not before:
                return
            for key in before:
                self._take(self._graph.by_key[key])

    def _take(self, step: Step) -> None:
        """Take everybody before one step through it."""
        rules = self.rules
        by_day = STEP_KINDS[step.kind].judges or leaving.asks_rules(rules)
        for day, end in self._stretches(step) if by_day else [(None, self._until)]:
            self._cursor.execute(_EMPTY)
            self._cursor.execute(_FILL, {"step": step.key, "day": day})
            at = past_moment(end)
            leaving.leave(self._cursor, rules, at, self._found)
            self._move(step, at)

    def _stretches(self, step: Step) -> Iterator[tuple[datetime, datetime]]:
        """Yield the days on which somebody stands before a step, with the end of each."""
        self._cursor.execute(_DAYS, [step.key])
        for (day,) in self._cursor.fetchall():
            yield day, min(day + _DAY, self._until)

    def _move(self, step: Step, at: Moment) -> None:
        kind = STEP_KINDS[step.kind]
        place = Place(
            step_id=0, key=step.key, version_id=0, journey_id=self._journey_id, cleaned=self._cleaned[step.key]
        )
        batch = Batch(self._cursor, BATCH, 0, place, at, rehearsing=True, traces=TRACES, share=self._share)
        if kind.uses_mail:
            advertising = self._advertising[step.key]
            self._found.mails.update(mails_of(batch, self._cap, advertising=advertising))
        links = {link.outlet: link.target for link in self._graph.ways if link.source == step.key}
        given = (kind.judges, self._until, list(links), list(links.values()), kind.uses_mail)
        asked = compose(_MOVE, *given, outcome=self._outcome(step, batch))
        self._cursor.execute(asked.text, asked.params)
        for outlet, target, ended, n, stops in self._cursor.fetchall():
            self._count(step, (outlet, target), n, json.loads(stops or "[]"), waits=ended == "waiting")

    def _outcome(self, step: Step, batch: Batch) -> Sql:
        return STEP_KINDS[step.kind].outcome(batch)

    def _count(
        self, step: Step, way: tuple[str | None, str | None], n: int, stops: list[list[object]], *, waits: bool
    ) -> None:
        outlet, target = way
        if outlet is not None:
            self._found.went(step.key, outlet, n, stops)
            if target is None:
                self._found.ended["completed"] += n
            else:
                self._found.arrived[target] += n
        if waits:
            self._found.waiting[target or step.key] += n
