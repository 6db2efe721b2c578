"""An experiment: paths at random until enough people have gone and one path is clearly better; then that one for all.

Clearly: a difference of two shares that chance alone would bring in less than one case of twenty (two-proportion
z-test, one side, pooled variance). Looked at once an hour at most.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.ledger.dictionary import kind_ids
from contacts.segments.rules.sql import Sql, compose
from contacts.segments.rules.words import filled
from crm.kit import figures
from journeys.engine.batch import Batch
from journeys.journey.models import JourneyStep
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind
from journeys.steps.rows_field import RowForm, RowsField
from journeys.steps.split import salt_of

LOOK = timedelta(hours=1)
_CLEARLY = 1.645  # standard deviations: 5 % on one side
_OUTCOME = """
SELECT b.id, coalesce(%s::text, (%s::text[])[(b.h %% %s + 1)::int]), NULL::timestamptz, NULL::jsonb
FROM (SELECT id, hashint8extended(contact_id, %s) & 9223372036854775807 AS h FROM {rows}) AS b
"""
# Those who left by each path long enough ago, and for how many of them it worked.
_RESULTS = """
SELECT t.outlet, count(*), count(*) FILTER (WHERE {worked}) FROM {traces} t
JOIN journeys_enrolment n ON n.id = t.enrolment_id
WHERE t.step_id = %s AND t.outlet = ANY(%s) AND t.left_at <= %s GROUP BY t.outlet
"""
_GOAL = "n.goal_at >= t.left_at"
_CLICKED = """EXISTS (
    SELECT FROM {traces} m JOIN event e ON e.contact_id = t.contact_id AND e.kind_id = %s AND e.occurred_at >= m.left_at
        AND e.properties ->> 'message' = m.facts ->> 'message'
    WHERE m.enrolment_id = t.enrolment_id AND m.facts ? 'message' AND m.left_at >= t.left_at
)"""


class Metric(models.TextChoices):
    """What makes a path the better one."""

    GOAL = "goal", _("More people reach the goal")
    CLICKED = "clicked", _("More people click in the mails after it")


class PathForm(RowForm):
    label = forms.CharField(label=_("Name"), max_length=60)


class ExperimentForm(StepForm):
    paths = RowsField(PathForm, prefix="x", least=2, label=_("Paths"))
    metric = forms.ChoiceField(label=_("What counts"), choices=Metric, initial=Metric.GOAL, widget=forms.RadioSelect)
    people = forms.IntegerField(
        label=_("Decide after so many people"), min_value=50, max_value=1_000_000, initial=1_000,
        help_text=_("Over all paths. Until one is clearly better, people go on being split."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("Days each is given"), min_value=0, max_value=90, initial=3,
        help_text=_("Who came by later than that does not count yet."),
    )  # fmt: skip


class ExperimentStep(StepKind):
    key = "experiment"
    label = _("Experiment")
    icon = "test-pipe"
    shelf = Shelf.WAY
    form = ExperimentForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return one way for each path."""
        return [Outlet(path["key"], path["label"]) for path in cleaned.get("paths") or ()]

    def act(self, batch: Batch) -> None:
        """Look once an hour whether a path has won, and keep it."""
        row = JourneyStep.objects.filter(pk=batch.place.step_id, winner="").select_for_update(no_key=True).first()
        if row is None or (row.judged_at is not None and batch.now < row.judged_at + LOOK):
            return
        row.winner, row.judged_at = self._winner(batch), batch.now
        JourneyStep.objects.filter(pk=row.pk).update(winner=row.winner, judged_at=row.judged_at)

    def _winner(self, batch: Batch) -> str:
        cleaned = batch.cleaned
        keys = [path["key"] for path in cleaned["paths"]]
        worked = Sql(_GOAL)
        if cleaned["metric"] == Metric.CLICKED:
            clicked = Sql(_CLICKED.format(traces=batch.traces), (kind_ids(["mail.clicked"])["mail.clicked"],))
            worked = clicked
        until = batch.now - timedelta(days=cleaned["days"])
        asked = compose(_RESULTS, batch.place.step_id, keys, until, worked=worked, traces=Sql(batch.traces))
        batch.cursor.execute(asked.text, asked.params)
        found = dict.fromkeys(keys, (0, 0)) | {key: (n, hits) for key, n, hits in batch.cursor.fetchall()}
        return clear_winner(found) if sum(n for n, _hits in found.values()) >= cleaned["people"] else ""

    def outcome(self, batch: Batch) -> Sql:
        """Return the winner's path, else one drawn by the hash of the person."""
        keys = [path["key"] for path in batch.cleaned["paths"]]
        won = JourneyStep.objects.filter(pk=batch.place.step_id, winner__in=keys).values_list("winner", flat=True)
        return Sql(_OUTCOME.format(rows=batch.rows), (won.first(), keys, len(keys), salt_of(batch.place)))

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        names = ", ".join(path["label"] for path in cleaned["paths"])
        pattern = gettext("Try %(names)s; the better one for all after %(n)s people")
        return filled(pattern, names=names, n=figures.count(cleaned["people"]))


def clear_winner(found: Mapping[str, tuple[int, int]]) -> str:
    """Return the path that is clearly better than each other, by (people, successes); "" while none is."""
    best = max(found, key=lambda key: _share(found[key]))
    others = [result for key, result in found.items() if key != best]
    return best if all(_apart(found[best], other) > _CLEARLY for other in others) else ""


def _share(result: tuple[int, int]) -> float:
    return result[1] / result[0] if result[0] else 0.0


def _apart(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return by how many standard deviations the shares of two paths differ."""
    if not one[0] or not other[0]:
        return 0.0
    together = (one[1] + other[1]) / (one[0] + other[0])
    deviation = math.sqrt(together * (1 - together) * (1 / one[0] + 1 / other[0]))
    return (_share(one) - _share(other)) / deviation if deviation else 0.0


EXPERIMENT = ExperimentStep()
