"""Why a rule takes long over everybody, in words. A kind of leaf that can be slow says so itself."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from contacts.segments.rules.rule import Rule
from contacts.segments.rules.tree import leaves


@runtime_checkable
class Weighty(Protocol):
    """A leaf that may be slow."""

    def slow_because(self) -> str:
        """Return the reason as a whole sentence in the active language; "" when it is quick."""

    def sentence(self) -> str:
        """Return the question in words."""


@dataclass(frozen=True)
class Warning:  # noqa: A001 - what the builder shows
    """Why a rule is slow: (condition in words, reason) for each that is."""

    reasons: tuple[tuple[str, str], ...]


def cost(rule: Rule) -> Warning | None:
    """Return the reasons for which the rule is slow over millions of people; None when none of its leaves is."""
    found = tuple(
        (leaf.sentence(), reason)
        for leaf in leaves(rule.root)
        if isinstance(leaf, Weighty) and (reason := leaf.slow_because())
    )
    return Warning(found) if found else None
