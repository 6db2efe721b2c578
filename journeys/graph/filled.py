"""A drawing with the settings of its steps read by their kinds: once, for the checks and for the canvas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journeys.graph.graph import Graph, Step, Trigger
from journeys.steps.kind import STEP_KINDS, Outlet, StepForm, StepKind
from journeys.steps.row_choice import remembered
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind


@dataclass(frozen=True)
class FilledStep:
    """A step with what its kind makes of it; `kind` and `form` are None where the kind does not exist."""

    step: Step
    kind: StepKind | None
    form: StepForm | None
    outlets: tuple[Outlet, ...]

    @property
    def is_valid(self) -> bool:
        """Tell whether the settings are whole."""
        return self.form is not None and self.form.is_valid()

    @property
    def cleaned(self) -> Mapping[str, Any]:
        """Return what could be read of the settings."""
        return self.form.cleaned_data if self.form is not None else {}

    @property
    def waits(self) -> bool:
        """Tell whether people may stay here; of an unknown kind nobody knows, so it is not complained of."""
        return self.kind is None or self.kind.waits

    @property
    def said(self) -> str:
        """Return the step in words; its kind's label while it is not filled in."""
        if self.kind is None:
            return self.step.kind
        return self.kind.said(self.cleaned) if self.is_valid else str(self.kind.label)


@dataclass(frozen=True)
class FilledTrigger:
    """A trigger with what its kind makes of it."""

    trigger: Trigger
    kind: TriggerKind | None
    form: StepForm | None

    @property
    def is_valid(self) -> bool:
        """Tell whether the settings are whole."""
        return self.form is not None and self.form.is_valid()

    @property
    def said(self) -> str:
        """Return the trigger in words; its kind's label while it is not filled in."""
        if self.kind is None or self.form is None:
            return self.trigger.kind
        return self.kind.said(self.form.cleaned_data) if self.is_valid else str(self.kind.label)


@dataclass(frozen=True)
class Filled:
    """The whole drawing, read."""

    graph: Graph
    steps: tuple[FilledStep, ...]
    triggers: tuple[FilledTrigger, ...]


def fill(graph: Graph) -> Filled:
    """Read the settings of every step and trigger; the rows they name are asked for once for all."""
    steps = [(STEP_KINDS[one.kind].form, one.settings) for one in graph.steps if one.kind in STEP_KINDS]
    triggers = [(TRIGGER_KINDS[one.kind].form, one.settings) for one in graph.triggers if one.kind in TRIGGER_KINDS]
    with remembered([*steps, *triggers]):
        return Filled(graph, tuple(map(fill_step, graph.steps)), tuple(map(fill_trigger, graph.triggers)))


def fill_step(step: Step) -> FilledStep:
    """Read the settings of one step."""
    if step.kind not in STEP_KINDS:
        return FilledStep(step, None, None, ())
    kind = STEP_KINDS[step.kind]
    form = kind.read(step.settings)
    form.is_valid()
    return FilledStep(step, kind, form, tuple(kind.outlets(form.cleaned_data)))


def fill_trigger(trigger: Trigger) -> FilledTrigger:
    """Read the settings of one trigger."""
    if trigger.kind not in TRIGGER_KINDS:
        return FilledTrigger(trigger, None, None)
    kind = TRIGGER_KINDS[trigger.kind]
    form = kind.read(trigger.settings)
    form.is_valid()
    return FilledTrigger(trigger, kind, form)
