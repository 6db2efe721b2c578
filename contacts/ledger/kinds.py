"""The kinds of events: what may happen to a person, how it reads in a timeline, and what it counts for.

Apps above register theirs in AppConfig.ready from an explicit list (docs/recipes.md, "add an event kind").
"""

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.functional import Promise

from contacts.ledger.errors import UnknownKind, WrongEvent
from crm.kit.figures import money
from crm.kit.registry import Registry

type Label = str | Promise

_KEY = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")


class BySubject(Enum):
    """What is counted for each subject (a dispatch, a product, a form) of a kind."""

    NOTHING = "nothing"
    TOTALS = "totals"  # how many events: one counter row per subject
    PEOPLE = "people"  # how many events and how many people: one more row per person and subject


@dataclass(frozen=True)
class PastEvent:
    """One event as it is read back: times aware, `value` in the company's currency, subject as (type, key)."""

    id: int
    contact_id: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    subject: tuple[str, str] | None
    value: Decimal | None
    properties: Mapping[str, Any]
    cause: int | None = None
    depth: int = 0


@dataclass(frozen=True)
class EventKind:
    """One kind. `sentence` tells one event as a whole translated sentence; `icon` is a Tabler icon's name.

    `activity`: the person did it (moves "last seen"). `timeline`: shown in the person's timeline.
    """

    key: str
    label: Label
    sentence: Callable[[PastEvent], str]
    icon: str = "point"
    activity: bool = False
    timeline: bool = True
    by_subject: BySubject = BySubject.NOTHING

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise WrongEvent(f'event kind "{self.key}": a key reads like "mail.clicked"')
        if not callable(self.sentence):
            raise WrongEvent(f'event kind "{self.key}": sentence must be a function, see contacts.ledger.kinds.tell')


def tell(pattern: Label, otherwise: Label | None = None) -> Callable[[PastEvent], str]:
    """Return a sentence function for a translated pattern.

    The pattern's {names} are properties of the event, or {subject} (its key) and {value} (as money). Where one of
    them is missing or empty, `otherwise` is told (by default the pattern with that name left blank).
    """

    def sentence(event: PastEvent) -> str:
        facts = {name: text for name, raw in _facts(event).items() if (text := _text(raw))}
        wanted = {name for _, name, _, _ in string.Formatter().parse(str(pattern)) if name}
        if otherwise is not None and not wanted <= facts.keys():
            return str(otherwise)
        return str(pattern).format_map(dict.fromkeys(wanted, "") | facts)

    return sentence


def _facts(event: PastEvent) -> dict[str, Any]:
    own = {"subject": event.subject[1] if event.subject else None, "value": event.value}
    return {**event.properties, **own}


def _text(raw: Any) -> str:
    if isinstance(raw, Decimal):
        return money(raw)
    return str(raw).strip() if raw is not None and not isinstance(raw, (dict, list)) else ""


KINDS: Registry[EventKind] = Registry("event kinds", EventKind, lambda kind: kind.key)


def kind_of(key: str) -> EventKind:
    """Return the registered kind. Raises UnknownKind."""
    if key not in KINDS:
        raise UnknownKind(key)
    return KINDS[key]


def words_of(key: str) -> str:
    """Return what a kind is called; the key itself for one that the product does not know (any more)."""
    return str(KINDS[key].label) if key in KINDS else key


def keys_where(wanted: Callable[[EventKind], bool]) -> list[str]:
    """Return the keys of all registered kinds for which `wanted` holds."""
    return [kind.key for kind in KINDS if wanted(kind)]
