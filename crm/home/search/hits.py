"""What a finder gives, and what a name has to hold to be found."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import translation

from contacts.people.search import initials_pattern, wanted
from crm.team.models import User
from crm.team.permissions import Action, may

MOST = 8
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """One thing that was found. With `post` it is done at once: `url` is posted to with these fields."""

    label: str
    url: str
    icon: str
    note: str = ""
    post: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The hits of one finder under its heading."""

    label: Any
    hits: list[Hit]


@dataclass(frozen=True)
class Asked:
    """Who asks for what; `text` is in normal form, `typed` as it was typed, but for its ends. Never both empty."""

    user: User
    text: str
    typed: str

    @classmethod
    def of(cls, user: User, typed: str) -> "Asked":
        """Read what was typed."""
        cut = typed[:LONGEST].replace("\0", "").strip()
        return cls(user, wanted(cut), cut)

    def named(self, *fields: str) -> Q:
        """Return the condition that one of these columns holds the text; initial consonants look into syllables."""
        pattern = initials_pattern(self.text.replace(" ", ""))
        how, value = ("regex", pattern) if pattern else ("icontains", self.text)
        condition = Q()
        for name in fields:
            condition |= Q(**{f"{name}__{how}": value})
        return condition

    def fits(self, label: Any) -> bool:
        """Tell whether a label of ours holds the text, in the reader's language or in English."""
        shown = str(label)
        if pattern := initials_pattern(self.text.replace(" ", "")):
            return re.search(pattern, shown) is not None
        with translation.override("en"):
            plain = str(label)
        return self.text in shown.casefold() or self.text in plain.casefold()


type Finder = Callable[[Asked], list[Hit]]


@dataclass(frozen=True)
class Finding:
    """A finder under its heading, for whoever may do `action`."""

    label: Any  # lazily translated
    action: Action
    finder: Finder

    def found(self, asked: Asked) -> Found:
        """Return what it finds for this reader."""
        return Found(self.label, self.finder(asked)[:MOST] if may(asked.user, self.action) else [])
