"""What can go wrong in journeys. `str(error)` is a translated sentence for the person who acts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Severity(TextChoices):
    """How bad a problem is: an error keeps the journey from being published."""

    ERROR = "error", gettext_lazy("must be mended")
    WARNING = "warning", gettext_lazy("worth a look")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at its place: a step, trigger or exit by its key (`at`), and one of its fields.

    `at` is "" for the journey as a whole. `code` is a short word for tests and the canvas.
    """

    code: str
    message: str
    at: str = ""
    field: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return self.message


class JourneyError(Exception):
    """Base of all errors of journeys; the user must act, and nothing was changed."""


class BadGraph(JourneyError):
    """A graph cannot be read at all; `problems` has at least one entry."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class PublishRefused(JourneyError):
    """The draft cannot go live; `problems` says everything that stands in the way."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class WrongState(JourneyError):
    """The journey is in a state in which this cannot be done."""

    def __init__(self, state: str) -> None:
        super().__init__(_("This cannot be done while the journey is: %(state)s.") % {"state": state})
        self.state = state


class StaleDraft(JourneyError):
    """The draft was saved since it was opened; `version` stands now, `by` saved it, `own`: the reader herself."""

    def __init__(self, version: int, by: str, *, own: bool = False) -> None:
        message = _("%(who)s has changed this journey in the meantime. Nothing was overwritten.")
        if own:
            message = _("You have changed this journey in another window in the meantime. Nothing was overwritten.")
        super().__init__(message % {"who": by or _("Somebody")})
        self.version = version
        self.by = by


class StepBroken(JourneyError):
    """A step of a live version cannot be run (what it reads is gone): people wait before it until it is mended."""
