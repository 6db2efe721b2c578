"""What a mailer is: it is given ready mails one by one and tells the outcome of each (docs/sending.md)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from campaigns.mailers.replies import Outcome

UNCERTAIN = "mail.uncertain"


class Ready(NamedTuple):
    """A mail on its way out. `handover` names this one try; `data` has CRLF and no line that starts with a dot."""

    handover: str
    message_id: int
    contact_id: int
    tries: int
    sender: str
    recipient: str
    data: bytes


class Told(NamedTuple):
    """What became of one mail. `kind` is the event's key; `reason` the server's own words, cut."""

    mail: Ready
    kind: str
    code: int = 0
    reason: str = ""

    @property
    def stops_campaign(self) -> bool:
        """Tell whether the sender is refused, so that going on would only make it worse."""
        return self.kind == Outcome.REJECTED.kind


@dataclass(frozen=True)
class MailerError(Exception):
    """The way out is closed for now; what was not told of has not left. `permanent`: a person must change settings."""

    reason: str
    permanent: bool = False

    def __str__(self) -> str:
        return self.reason


class Journal(Protocol):
    """Where a mailer writes down what it is about to do; see campaigns.mailers.journal."""

    def intend(self, mail: Ready) -> None:
        """Must return before the first byte of the mail's body leaves."""

    def told(self, told: Told) -> None:
        """Called with each outcome, before the next mail of the same connection is intended."""


class Mailer(Protocol):
    """One open way out, used by one worker."""

    @property
    def width(self) -> int:
        """Return how many mails may be on their way at once: the most that a kill can leave in doubt."""

    def hand_over(self, mails: Iterable[Ready], journal: Journal) -> Iterator[Told]:
        """Take mails as they come and yield outcomes as they are known, each mail at most once.

        `mails` is pulled lazily and may stop at any time. Raises MailerError when the server cannot be used; mails
        pulled but not told of have then not left.
        """

    def close(self) -> None:
        """Say good-bye to the server. A repeat is harmless."""
