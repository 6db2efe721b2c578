"""What opens when one clicks an event: the page of what it is about. Apps above register theirs (a mail, a form)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from contacts.ledger.kinds import PastEvent
from crm.kit.registry import Registry


@dataclass(frozen=True)
class Opener:
    """The page for events about subjects of one type; `url` returns "" where there is none."""

    subject_type: str
    url: Callable[[PastEvent], str]


OPENERS: Registry[Opener] = Registry("openers of events", Opener, lambda row: row.subject_type)


def page_of(url_name: str) -> Callable[[PastEvent], str]:
    """Return a function that leads to the page `url_name` of the row whose number is the subject's key."""

    def url(event: PastEvent) -> str:
        key = event.subject[1] if event.subject else ""
        return reverse(url_name, args=[int(key)]) if key.isascii() and key.isdecimal() else ""

    return url


def opens(event: PastEvent) -> str:
    """Return the address of what the event is about, "" when it has no page."""
    noun = event.subject[0] if event.subject else ""
    return OPENERS[noun].url(event) if noun in OPENERS else ""


OPENERS.register(
    Opener("order", page_of("contacts:order")),
    Opener("list", page_of("contacts:list")),
    Opener("product", page_of("contacts:product")),
)
