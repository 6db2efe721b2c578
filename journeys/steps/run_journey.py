"""Run another journey for people and go on when they are out of it; at the latest after a while, where one is given."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django import forms
from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.errors import StepBroken
from journeys.journey.models import Journey, JourneyState
from journeys.kinds import LEFT
from journeys.steps.kind import NEXT, Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.local_time import later
from journeys.steps.present import present
from journeys.steps.row_choice import RowChoice
from journeys.steps.send_email import LeftOutGo
from journeys.steps.span_fields import number_field, span_of, unit_field

REFUSED = Outlet("refused", _("is not let in"))
TIMED_OUT = Outlet("timed_out", _("still inside when the time is over"))
# Asked for once, when she is first looked at: whoever waits here is looked at again and again.
_REQUEST = """
INSERT INTO journeys_startrequest (journey_id, contact_id, key, at, cause, facts)
SELECT %s, b.contact_id, b.key, %s, max(b.cause), NULL FROM {rows} b WHERE b.first
GROUP BY b.contact_id, b.key ORDER BY 2, 3
"""
# Being let in is no event for those who are not: they are looked at after a minute. While the other journey is paused
# its requests wait, and so does she.
_OUTCOME = """
SELECT d.id,
       CASE d.stands WHEN 'over' THEN 'next'
            WHEN 'refused' THEN CASE WHEN {own_way} THEN 'refused' ELSE 'next' END
            ELSE CASE WHEN d.at >= d.until THEN 'timed_out' END END,
       least(d.until, CASE d.stands WHEN 'asked' THEN d.at + interval '1 minute' END),
       CASE d.stands WHEN 'refused' THEN '{{"refused": true}}'::jsonb END
FROM (
    SELECT b.id, b.at, {until} AS until, CASE
        WHEN b.first OR EXISTS (SELECT FROM journeys_startrequest r
            WHERE r.journey_id = j.id AND r.contact_id = b.contact_id AND r.key = b.key) THEN 'asked'
        WHEN EXISTS (SELECT FROM journeys_enrolment e WHERE e.contact_id = b.contact_id AND e.journey_id = j.id
            AND e.key = b.key AND e.ended_at IS NULL) THEN 'inside'
        WHEN EXISTS (SELECT FROM journeys_enrolment e WHERE e.contact_id = b.contact_id AND e.journey_id = j.id
            AND e.key = b.key AND e.ended_at >= b.arrived_at) THEN 'over'
        ELSE 'refused' END AS stands
    FROM {rows} b CROSS JOIN (SELECT %s::bigint AS id) j LEFT JOIN contacts_contact c ON c.id = b.contact_id
) AS d
"""
_NEVER = Sql("NULL::timestamptz")
# A rehearsal goes on after as long as the last thousand people were inside.
_USUAL = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ended_at - entered_at) FROM (
    SELECT ended_at, entered_at FROM journeys_enrolment WHERE journey_id = %s AND ended_at IS NOT NULL
    ORDER BY entered_at DESC LIMIT 1000
) AS last
"""
_REHEARSED = """
SELECT b.id, CASE WHEN b.at >= b.arrived_at + %s THEN 'next' END, b.arrived_at + %s, NULL::jsonb FROM {rows} b
"""


class RunJourneyForm(StepForm):
    journey = RowChoice(
        Journey.objects.exclude(state=JourneyState.ARCHIVED).order_by("name"),
        label=_("Journey"),
        help_text=_("Its own rules say who may come in, and how often. Who is inside already is waited for."),
    )
    n = number_field(_("At most"), required=False, help_text=_("Empty: however long it takes."))
    unit = unit_field()
    left_out = forms.ChoiceField(
        label=_("People who are not let in"), choices=LeftOutGo, initial=LeftOutGo.ON, widget=forms.RadioSelect
    )
    intro = _("Whoever leaves this journey meanwhile stays in the other one.")


class RunJourneyStep(StepKind):
    key = "run_journey"
    label = _("Run a journey")
    icon = "subtask"
    shelf = Shelf.OTHER
    form = RunJourneyForm
    waits = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return the ways of those who are through, of those not let in, and of those who take too long."""
        found = [NEXT]
        if cleaned.get("left_out") == LeftOutGo.OWN:
            found.append(REFUSED)
        return [*found, TIMED_OUT] if cleaned.get("n") else found

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the event of leaving a journey."""
        del cleaned
        return frozenset({LEFT})

    def act(self, batch: Batch) -> None:
        """Ask that those who are here for the first time come in. Raises StepBroken for a journey that would wait."""
        journey = present(batch.cleaned["journey"])
        if batch.place.journey_id in {journey.pk, *_run_by(journey.pk, set())}:
            text = gettext("“%(name)s” runs this journey itself: each would wait for the other.")
            raise StepBroken(text % {"name": journey})
        batch.run(_REQUEST, journey.pk, batch.now)

    def outcome(self, batch: Batch) -> Sql:
        """Return who is through, and who waits until then."""
        number = batch.cleaned["journey"].pk
        if batch.rehearsing:
            usual = _usual(number)
            return compose(_REHEARSED, usual, usual, rows=Sql(batch.rows))
        span = span_of(batch.cleaned, "n", "unit")
        until = later(Sql("b.arrived_at"), span, batch.moment) if span else _NEVER
        own_way = Sql("true" if batch.cleaned["left_out"] == LeftOutGo.OWN else "false")
        return compose(_OUTCOME, number, until=until, own_way=own_way, rows=Sql(batch.rows))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        span = span_of(cleaned, "n", "unit")
        if span is None:
            return filled(gettext("Run “%(name)s” to its end"), name=cleaned["journey"].name)
        pattern = gettext("Run “%(name)s”, at most %(span)s")
        return filled(pattern, name=cleaned["journey"].name, span=span.words())


def _run_by(journey_id: int, seen: set[int]) -> Iterator[int]:
    """Yield the journeys that a journey on its way runs, and those that these run."""
    from journeys.engine import live  # which reads kinds

    now_live = live.current()
    journey = now_live.journeys.get(journey_id)
    if journey is None or journey.live_id is None or journey_id in seen:
        return
    seen.add(journey_id)
    for step in now_live.of_journey(journey_id).steps.values():
        if step.kind.key == RUN_JOURNEY.key and not step.broken:
            inner = step.place.cleaned["journey"].pk
            yield inner
            yield from _run_by(inner, seen)


def _usual(journey_id: int) -> timedelta:
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, [journey_id])
        return cursor.fetchone()[0] or timedelta()


RUN_JOURNEY = RunJourneyStep()
