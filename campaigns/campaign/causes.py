"""Why a mail was written where no campaign says it: told by the apps above that write mails. See views/mails.py."""

from collections.abc import Callable
from dataclasses import dataclass

from campaigns.sending.models import Message
from crm.kit.registry import Registry


@dataclass(frozen=True)
class Cause:
    """Why a mail was written, in a sentence, and the page that tells more."""

    text: str
    url: str


@dataclass(frozen=True)
class Teller:
    """One app that writes mails; `tell` returns None for a message that is not its own."""

    name: str
    tell: Callable[[Message], Cause | None]


TELLERS: Registry[Teller] = Registry("tellers of causes", Teller, lambda row: row.name)


def cause_of(message: Message) -> Cause | None:
    """Return why a message was written, None where nobody above knows."""
    return next((cause for teller in TELLERS if (cause := teller.tell(message))), None)
