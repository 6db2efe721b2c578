"""A goal on the way: who comes here is a conversion, whatever the journey's own goal is."""

from django.utils.translation import gettext_lazy as _

from journeys.engine.batch import Batch
from journeys.steps.kind import Shelf, StepForm, StepKind

_MARK = "UPDATE journeys_enrolment e SET goal_at = b.at FROM {rows} b WHERE e.id = b.id AND e.goal_at IS NULL"


class GoalForm(StepForm):
    intro = _("Everybody who comes here counts as having reached the goal. There is nothing to set.")


class GoalStep(StepKind):
    key = "goal"
    label = _("Goal reached")
    icon = "target"
    shelf = Shelf.OTHER
    form = GoalForm

    def act(self, batch: Batch) -> None:
        """Note when each came here first."""
        batch.run(_MARK)


GOAL = GoalStep()
