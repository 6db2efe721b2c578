"""Let at most so many people an hour go on, in the order in which they came."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts.segments.rules.sql import Sql
from crm.kit import figures
from journeys.engine.batch import Batch
from journeys.steps.kind import Cleaned, Shelf, StepForm, StepKind

# Two workers at one step would each let so many go; the second waits for the first.
_ALONE = "SELECT pg_advisory_xact_lock(7244, %s)"
# Who finds no room comes again when there is some: after as many hours as there are rounds before her.
_OUTCOME = """
SELECT w.id, CASE WHEN w.place <= r.room THEN 'next' END,
       CASE WHEN w.place > r.room THEN w.at + make_interval(secs => 3600.0 * (w.place - r.room) / %s) END, NULL::jsonb
FROM (SELECT b.id, b.at, row_number() OVER (ORDER BY b.arrived_at, b.id) AS place FROM {rows} b) AS w
CROSS JOIN (
    SELECT greatest(%s - count(*), 0) AS room FROM {traces} t
    WHERE t.step_id = %s AND t.outlet = 'next' AND t.left_at > %s - interval '1 hour'
) AS r
"""


class ThrottleForm(StepForm):
    n = forms.IntegerField(label=_("People an hour"), min_value=1, max_value=1_000_000, initial=100)


class ThrottleStep(StepKind):
    key = "throttle"
    label = _("Slow down")
    icon = "traffic-lights"
    shelf = Shelf.TIME
    form = ThrottleForm
    waits = True

    def act(self, batch: Batch) -> None:
        """Be the only one who counts at this step."""
        batch.cursor.execute(_ALONE, [batch.place.step_id % 2**31])

    def outcome(self, batch: Batch) -> Sql:
        """Let those go for whom there is room in this hour."""
        n = batch.cleaned["n"]
        return Sql(_OUTCOME.format(rows=batch.rows, traces=batch.traces), (n, n, batch.place.step_id, batch.now))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        pattern = ngettext("At most %(n)s person an hour", "At most %(n)s people an hour", cleaned["n"])
        return pattern % {"n": figures.count(cleaned["n"])}


THROTTLE = ThrottleStep()
