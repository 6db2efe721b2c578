"""What a ready journey is: its card, what it asks, its mails (texts/KEY.md), and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from journeys.graph.graph import Graph
from journeys.starters.lanes import Meaning
from journeys.starters.rules import Node
from journeys.starters.sketch import Sketch


class Ask(StrEnum):
    """What has to be chosen beside name, sender and website."""

    SEGMENT = "segment"
    DATE = "date"  # a date that is known of the person
    DAY = "day"  # a day of the calendar


@dataclass(frozen=True)
class ReadySegment:
    """A segment that fits, made when somebody chooses it."""

    name: Promise
    description: Promise
    definition: Node


@dataclass(frozen=True)
class Starter:
    """One ready journey. `days` is how long somebody is in it at the most; `icon` a Tabler icon's name."""

    key: str
    name: Promise
    description: Promise
    icon: str
    days: int
    stages: tuple[Meaning, ...]
    mails: tuple[str, ...]
    draw: Callable[[Sketch], Graph]
    asks: frozenset[Ask] = frozenset()
    segment: ReadySegment | None = None
