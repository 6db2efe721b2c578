"""Wait until a rule holds for the person, at most so long."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.moment import Moment
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.local_time import later
from journeys.steps.rule_field import RuleField
from journeys.steps.span_fields import number_field, span_of, unit_field

HOLDS = Outlet("holds", _("it holds"))
TIMED_OUT = Outlet("timed_out", _("it did not"))
# Events wake her; where time alone may change the answer she is looked at so often.
LOOK_AGAIN = timedelta(hours=1)
_OUTCOME = """
SELECT d.id, CASE WHEN d.holds THEN 'holds' WHEN d.at >= d.until THEN 'timed_out' END,
       CASE WHEN d.holds THEN d.at ELSE {until} END, NULL::jsonb
FROM (
    SELECT b.id, b.at, c.id IS NOT NULL AND {test} AS holds, {last} AS until
    FROM {rows} b LEFT JOIN contacts_contact c ON c.id = b.contact_id
) AS d
"""
_SOME_DAY = Moment(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
_LATER = Moment(_SOME_DAY.now + timedelta(days=400), ZoneInfo("UTC"))


class WaitUntilForm(StepForm):
    rule = RuleField(label=_("Until this holds"))
    n = number_field(_("At most"), initial=7)
    unit = unit_field()


class WaitUntilStep(StepKind):
    key = "wait_until"
    label = _("Wait for a condition")
    icon = "hourglass"
    shelf = Shelf.TIME
    form = WaitUntilForm
    waits = True
    judges = True

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return the way of those for whom it came to hold, and that of the others."""
        del cleaned
        return (HOLDS, TIMED_OUT)

    def kinds(self, cleaned: Cleaned) -> frozenset[str]:
        """Return the event kinds that the rule reads."""
        return frozenset(cleaned["rule"].kinds())

    def segments(self, cleaned: Cleaned) -> frozenset[int]:
        """Return the segments that the rule reads."""
        return frozenset(cleaned["rule"].segments())

    def outcome(self, batch: Batch) -> Sql:
        """Return for whom it holds, and when the others are looked at again."""
        span = span_of(batch.cleaned, "n", "unit")
        assert span is not None
        rule = batch.cleaned["rule"]
        until = Sql("least(d.until, d.at + %s)", (LOOK_AGAIN,)) if _moves(rule) else Sql("d.until")
        return compose(
            _OUTCOME,
            until=until,
            test=rule.test(batch.moment),
            last=later(Sql("b.arrived_at"), span, batch.moment),
            rows=Sql(batch.rows),
        )

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        span = span_of(cleaned, "n", "unit")
        pattern = gettext("Wait at most %(span)s until: %(rule)s")
        return filled(pattern, span=span.words() if span else "", rule=cleaned["rule"].sentence())


def _moves(rule: Rule) -> bool:
    """Tell whether time alone may change the answer."""
    return bool(rule.crossings(_SOME_DAY, _LATER))


WAIT_UNTIL = WaitUntilStep()
