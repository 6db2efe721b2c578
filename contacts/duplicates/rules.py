"""Why two contacts may be one person: the reasons, their weight and their words, and the keys by which people meet.

Chances of several reasons add up as independent ones do: 1 - (1 - p)(1 - q).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.people import phone
from contacts.people.models import Contact


class Rule(IntEnum):
    """By which key people meet; stored in DuplicateKey.rule."""

    MAILBOX = 1
    NAME_COMPANY = 2
    PHONE = 3


def _addresses(first: Contact, second: Contact) -> dict[str, Any]:
    return {"one": first.email, "other": second.email}


def _named(first: Contact, second: Contact) -> dict[str, Any]:
    return {"name": first.name or second.name, "company": first.company or second.company}


def _numbered(first: Contact, second: Contact) -> dict[str, Any]:
    return {"phone": phone.shown(first.phone or second.phone), "name": first.name or second.name}


@dataclass(frozen=True)
class Reason:
    """One reason: `chance` (0 to 1) that two people who share it are one, a label, and a sentence for a pair."""

    key: str
    rule: Rule
    chance: float
    label: str | Promise
    pattern: str | Promise
    facts: Callable[[Contact, Contact], dict[str, Any]]

    def sentence(self, first: Contact, second: Contact) -> str:
        """Say it of two people, in the reader's language."""
        return str(self.pattern).format(**self.facts(first, second))


_ROWS = (
    Reason(
        "mailbox",
        Rule.MAILBOX,
        0.9,
        gettext_lazy("Two addresses of one mailbox"),
        gettext_lazy("{one} and {other} are one mailbox."),
        _addresses,
    ),
    Reason(
        "typo",
        Rule.MAILBOX,
        0.8,
        gettext_lazy("A mistyped address"),
        gettext_lazy("{one} and {other} look like one address, typed wrong once."),
        _addresses,
    ),
    Reason(
        "phone_name",
        Rule.PHONE,
        0.75,
        gettext_lazy("Same phone and name"),
        gettext_lazy("Both are called {name} and have the phone number {phone}."),
        _numbered,
    ),
    Reason(
        "name_company",
        Rule.NAME_COMPANY,
        0.6,
        gettext_lazy("Same name and company"),
        gettext_lazy("Both are called {name} and work at {company}."),
        _named,
    ),
    Reason(
        "phone",
        Rule.PHONE,
        0.4,
        gettext_lazy("Same phone, other name"),
        gettext_lazy("Both have the phone number {phone}, but not the same name."),
        _numbered,
    ),
)
REASONS = {row.key: row for row in _ROWS}


class Likelihood(StrEnum):
    """A score in words; the lowest score of each."""

    VERY = "very"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def least(self) -> int:
        """The lowest score of this word."""
        return {"very": 85, "likely": 60, "possible": 0}[self.value]

    @property
    def label(self) -> str:
        """The words on screen."""
        return {"very": _("Very likely"), "likely": _("Likely"), "possible": _("Possible")}[self.value]


def likelihood(score: int) -> Likelihood:
    """Return the word for a score."""
    return next(word for word in Likelihood if score >= word.least)
