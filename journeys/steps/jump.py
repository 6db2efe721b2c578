"""Go on at another step of the journey, without a line over the whole canvas."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.segments.rules.words import filled
from journeys.errors import Problem
from journeys.graph.graph import JUMP, Graph, Step
from journeys.steps.kind import Cleaned, Outlet, Shelf, StepForm, StepKind


class JumpForm(StepForm):
    to = forms.CharField(label=_("Go on at"), max_length=40, widget=forms.TextInput({"data-steps": ""}))


class JumpStep(StepKind):
    key = JUMP
    label = _("Jump")
    icon = "arrow-back-up"
    shelf = Shelf.WAY
    form = JumpForm

    def outlets(self, cleaned: Cleaned) -> Sequence[Outlet]:
        """Return none to be drawn: the graph knows where it leads (Graph.ways)."""
        del cleaned
        return ()

    def problems(self, step: Step, graph: Graph, cleaned: Cleaned) -> Sequence[Problem]:
        """Return that the step to jump to is not there."""
        if cleaned["to"] in graph.by_key and cleaned["to"] != step.key:
            return ()
        return [Problem("step_gone", gettext("The step to go on at is not in this journey."), step.key, "to")]

    def said(self, cleaned: Cleaned) -> str:
        """Return it in words."""
        return filled(gettext("Go on at “%(step)s”"), step=cleaned["to"])


JUMP_STEP = JumpStep()
