"""What can be wrong with a rule: every problem with its place, so that the builder can mark the row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from contacts.errors import ContactsError

_CHILDREN = frozenset({"all", "any", "none"})


@dataclass(frozen=True)
class Problem:
    """`path` leads to the node or value in the stored JSON, such as ("rule", "all", 2, "value").

    `gone`: what the node reads was deleted since it was written.
    """

    path: tuple[str | int, ...]
    message: str
    gone: bool = False

    def __str__(self) -> str:
        """Return the message with its place in words, such as "Condition 3.1: …"."""
        if not self.place:
            return self.message
        return _("Condition %(place)s: %(message)s") % {"place": self.place, "message": self.message}

    @property
    def place(self) -> str:
        """Return the place as people count: "3.1" is the first child of the third node; "" for the whole rule."""
        steps = zip(self.path, self.path[1:], strict=False)
        return ".".join(str(index + 1) for name, index in steps if name in _CHILDREN and isinstance(index, int))


class BadRule(ContactsError):
    """A definition cannot be used; `problems` has at least one entry."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class FieldGone(BadRule):
    """A stored rule reads a field, tag, list, stage or segment that was deleted since; the message names it."""


class Wrong(ValueError):
    """A part of a condition cannot be read. `args[0]` is a translated sentence, `path` leads on from the part."""

    def __init__(self, message: str, *path: str | int, gone: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.gone = gone

    def at(self, path: tuple[str | int, ...]) -> Problem:
        """Return it as a problem of the part at `path`."""
        return Problem((*path, *self.path), str(self), self.gone)
