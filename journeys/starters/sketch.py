"""A drawing in the making: steps and links in few words; at the end laid out, with settings as the forms store them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from contacts.stages.models import Stage
from journeys.graph.graph import Graph, Link, Rules, Step, Trigger
from journeys.graph.layout import laid_out
from journeys.starters.lanes import Meaning, lane_of
from journeys.steps.kind import STEP_KINDS, StepKind
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and the mails made for it by their keys: all as ids."""

    sender: int
    mails: Mapping[str, int]
    segment: int | None = None
    date_field: str = ""
    day: date | None = None
    colleagues: tuple[int, ...] = ()


class Sketch:
    """Takes steps in the order in which they are drawn; the next ones lie at the stage of the meaning `lane`."""

    def __init__(self, chosen: Chosen, stages: Sequence[Stage]) -> None:
        self.chosen = chosen
        self.lane = Meaning.DISCOVER
        self._stages = stages
        self._steps: list[Step] = []
        self._links: list[Link] = []

    def step(self, key: str, kind: str, name: str = "", **settings: Any) -> str:
        """Add a step and return its key."""
        stage = lane_of(self.lane, self._stages)
        stored = _stored(STEP_KINDS[kind], settings)
        self._steps.append(Step(key, kind, stored, stage.key if stage else "", name=name))
        return key

    def mail(self, key: str, **settings: Any) -> str:
        """Add the mail of that key, from the sender that was chosen; the cap makes it wait."""
        chosen: dict[str, Any] = {"template": self.chosen.mails[key], "sender": self.chosen.sender}
        asked: dict[str, Any] = {"when_capped": "wait", "wait_days": 3, "left_out": "on"} | settings
        return self.step(f"mail_{key}", "send_email", **chosen, **asked)

    def wait(self, key: str, n: int, unit: str = "days") -> str:
        """Add a wait of so long."""
        return self.step(key, "wait", until="span", n=n, unit=unit)

    def morning(self, key: str, weekdays: Sequence[int] = (1, 2, 3, 4, 5)) -> str:
        """Add a wait until ten o'clock of one of these days (1: Monday)."""
        return self.step(key, "wait", until="clock", at="10:00", weekdays=list(weekdays))

    def chain(self, *keys: str) -> None:
        """Lead from each to the next by the usual way."""
        self._links += [Link(one, "next", other) for one, other in pairwise(keys)]

    def lead(self, source: str, **targets: str) -> None:
        """Lead from a step by its outlets: lead("asked", happened="thanks")."""
        self._links += [Link(source, outlet, target) for outlet, target in targets.items()]

    def stage(self, meaning: Meaning) -> int | None:
        """Return the id of the stage of that meaning."""
        found = lane_of(meaning, self._stages)
        return found.pk if found else None

    def drawn(self, ways_in: Mapping[str, Mapping[str, Any]], rules: Rules, first: str = "") -> Graph:
        """Return the whole; people start at `first`, else at the step added first. `ways_in`: settings by kind."""
        triggers = tuple(
            Trigger(f"in_{number}", kind, _stored(TRIGGER_KINDS[kind], settings))
            for number, (kind, settings) in enumerate(ways_in.items(), start=1)
        )
        steps = tuple(replace(step, row=row) for row, step in enumerate(self._steps))
        return laid_out(Graph(triggers, rules, first or steps[0].key, steps, tuple(self._links)))


def _stored(kind: StepKind | TriggerKind, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings as the form keeps them; those that it refuses stay, and are shown as problems."""
    form = kind.read(settings)
    return form.stored() if form.is_valid() else settings
