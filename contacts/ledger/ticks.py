"""Timed work of the follow process: what must happen at a time even when no event comes (due decisions, wakes)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.kit.registry import Registry


@dataclass(frozen=True)
class Tick:
    """`run(now)` does what is due in one short transaction and returns how much was done.

    Called four times a second, and after each pass while there was something to do.
    """

    name: str
    run: Callable[[datetime], int]


TICKS: Registry[Tick] = Registry("ticks", Tick, lambda tick: tick.name)
