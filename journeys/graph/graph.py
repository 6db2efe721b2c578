"""A journey as a drawing: triggers, steps in lanes, links between outlets and steps. Immutable; made by parsing.parse.

Positions are places in a grid: `lane` is the key of a lifecycle stage ("" for none), `row` counts downwards over the
whole canvas, `column` to the right within the lane. Two steps never share a place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

JUMP = "jump"  # the kind of a step that leads to the step named in its setting "to"

type Settings = Mapping[str, Any]  # JSON values by field name, as the form of the kind stores them


@dataclass(frozen=True)
class Trigger:
    """One way in: a kind of journeys.triggers with its settings. People start at the graph's first step."""

    key: str
    kind: str
    settings: Settings = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal trigger."""
        return {"key": self.key, "kind": self.kind, "settings": dict(self.settings)}


@dataclass(frozen=True)
class Step:
    """One card: a kind of journeys.steps with its settings; `name` is the author's ("" for the kind's own)."""

    key: str
    kind: str
    settings: Settings = field(default_factory=dict)
    lane: str = ""
    row: int = 0
    column: int = 0
    name: str = ""
    comment: str = ""

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal step."""
        kept: dict[str, Any] = {"key": self.key, "kind": self.kind, "settings": dict(self.settings)}
        kept |= {"lane": self.lane, "row": self.row, "column": self.column}
        return kept | {name: getattr(self, name) for name in ("name", "comment") if getattr(self, name)}


@dataclass(frozen=True)
class Link:
    """From an outlet of a step to the step that comes next. An outlet without a link ends the journey there."""

    source: str
    outlet: str
    target: str

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal link."""
        return {"from": self.source, "outlet": self.outlet, "to": self.target}


@dataclass(frozen=True)
class Rules:
    """Who comes in, who goes out, and what counts as success. Definitions are rules of docs/segments.md, or None.

    `again` is how often one person may come in: "never" a second time, "after" `again_days` days since she last came
    in, "always". One person (and one key of the trigger, such as an order) is never inside twice at once.
    `left_segment` is a segment whose leaving ends the journey; `unsubscribed`: a withdrawn consent ends it;
    `goal` met within `goal_days` after coming in is a conversion, and ends the journey where `goal_ends`.
    `hold_out` percent of those who come in get nothing and are only watched.
    """

    entry: Mapping[str, Any] | None = None
    again: str = "never"
    again_days: int = 0
    exit: Mapping[str, Any] | None = None
    left_segment: int | None = None
    unsubscribed: bool = True
    goal: Mapping[str, Any] | None = None
    goal_days: int = 14
    goal_ends: bool = True
    hold_out: int = 0

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to equal rules."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Note:
    """A comment on the canvas, not on a step."""

    key: str
    text: str
    lane: str = ""
    row: int = 0
    column: int = 0

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal note."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Graph:
    """The whole drawing. `first` is the key of the step at which people start ("" while there is none)."""

    triggers: tuple[Trigger, ...] = ()
    rules: Rules = Rules()
    first: str = ""
    steps: tuple[Step, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return the graph as JSON."""
        return {
            "version": 1,
            "triggers": [trigger.stored() for trigger in self.triggers],
            "rules": self.rules.stored(),
            "first": self.first,
            "steps": [step.stored() for step in self.steps],
            "links": [link.stored() for link in self.links],
            "notes": [note.stored() for note in self.notes],
        }

    @cached_property
    def by_key(self) -> dict[str, Step]:
        """Return the steps by key."""
        return {step.key: step for step in self.steps}

    @cached_property
    def targets(self) -> dict[tuple[str, str], str]:
        """Return where each (step, outlet) leads."""
        return {(link.source, link.outlet): link.target for link in self.ways}

    @cached_property
    def ways(self) -> tuple[Link, ...]:
        """Return the links, and where jumps lead, which are not drawn."""
        jumps = ((step.key, step.settings.get("to")) for step in self.steps if step.kind == JUMP)
        return (*self.links, *(Link(key, "next", to) for key, to in jumps if isinstance(to, str) and to in self.by_key))

    def after(self, key: str) -> Iterator[str]:
        """Yield the steps that may come right after a step."""
        return (link.target for link in self.ways if link.source == key)


EMPTY = Graph()
