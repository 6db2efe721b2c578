"""What can be wrong with a rule: every problem with its place, so that the builder can mark the row."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.errors import ContactsError


@dataclass(frozen=True)
class Problem:
    """`path` leads to the node or value in the stored JSON, such as ("rule", "all", 2, "value")."""

    path: tuple[str | int, ...]
    message: str


class BadRule(ContactsError):
    """A definition cannot be used; `problems` has at least one entry, each a whole sentence with its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class FieldGone(BadRule):
    """A stored rule reads a field, tag, list, stage or segment that was deleted since; the message names it."""
