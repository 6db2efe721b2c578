"""Why a rule takes long over everybody, in words. A kind of leaf that can be slow says so itself.

Whether anybody notices depends on how many people there are: among a few, everything is quick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from contacts.segments.rules.rule import Rule
from contacts.segments.rules.tree import leaves

MANY = 100_000  # people from which on reading all of something is felt: about 0.3 s on two cores


@runtime_checkable
class Weighty(Protocol):
    """A leaf that may be slow."""

    def slow_because(self) -> str:
        """Return the reason as a whole sentence in the active language; "" when it is quick."""

    def sentence(self) -> str:
        """Return the question in words."""


@dataclass(frozen=True)
class Warning:  # noqa: A001 - what the builder shows
    """Why a rule is slow among so many people: (condition in words, reason) for each that is."""

    reasons: tuple[tuple[str, str], ...]
    people: int


def cost(rule: Rule, people: Callable[[], int]) -> Warning | None:
    """Return the reasons for which the rule is slow over as many as `people()`; None when it is not.

    It is asked only where the rule has such a part.
    """
    found = tuple(
        (leaf.sentence(), reason)
        for leaf in leaves(rule.root)
        if isinstance(leaf, Weighty) and (reason := leaf.slow_because())
    )
    if not found or (many := people()) < MANY:
        return None
    return Warning(found, many)
