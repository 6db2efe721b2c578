"""A page of what happened to people: filtered by kinds, searched by words, with notes as they are now.

Used by the pages of people and accounts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.ledger.kinds import KINDS, PastEvent, kind_of
from contacts.ledger.queries import timeline
from contacts.notes.queries import Written, by_id
from contacts.people.opening import opens
from crm.team.models import User

SIZE = 40
READ_AT_ONCE = 500  # events, when words are looked for
MOST_READ = 2_000  # events in one answer; "search further back" goes on from there


@dataclass(frozen=True)
class Group:
    """Kinds that a reader wants to see together, by the noun before the dot of their keys."""

    key: str
    label: Any  # lazily translated
    nouns: tuple[str, ...]


GROUPS = (
    Group("mails", gettext_lazy("Mails"), ("mail", "hit", "campaign", "notice")),
    Group("talks", gettext_lazy("Notes, calls and files"), ("note", "call", "file", "owner", "lead")),
    Group("orders", gettext_lazy("Orders and products"), ("order", "cart", "product")),
    Group("site", gettext_lazy("Site and forms"), ("page", "form")),
    Group("consent", gettext_lazy("Consent"), ("consent", "address")),
    Group("journeys", gettext_lazy("Journeys"), ("journey", "webhook")),
    Group("place", gettext_lazy("Stages, segments and labels"), ("stage", "segment", "tag", "list", "score")),
    Group("profile", gettext_lazy("Profile"), ("contact", "account")),
)
_BY_NOUN = {noun: group for group in GROUPS for noun in group.nouns}
OTHER = Group("other", gettext_lazy("Other"), ())


def group_of(kind: str) -> Group:
    """Return the group of a kind."""
    return _BY_NOUN.get(kind.split(".", maxsplit=1)[0], OTHER)


class UnknownFilter(ValueError):
    """The address asks for a kind, group or place that does not exist."""


class Told:
    """An event as a line of the timeline; `note` where it tells of one that can be read."""

    def __init__(self, event: PastEvent, who: str = "", note: Written | None = None) -> None:
        self.who, self.note = who, note
        kind = kind_of(event.kind)
        self.at, self.icon, self.text = event.occurred_at, kind.icon, kind.sentence(event)
        if note is not None:
            self.text = _("Note deleted") if note.is_deleted else _("Note: {text}").format(text=note.text)
        self.contact_id, self.kind = event.contact_id, event.kind
        self.claimed_at = parse_datetime(str(event.properties.get("claimed_at", "")))
        self.url = "" if note else opens(event)


@dataclass(frozen=True)
class Past:
    """Lines, newest first; `before` leads to older ones; `read_all`: False when words were not looked for further."""

    events: Sequence[Told]
    before: str
    read_all: bool = True


@dataclass(frozen=True)
class Whose:
    """Whose past is read, and by whom; `names` (by id) are told with each line."""

    contact_ids: Sequence[int]
    names: Mapping[int, str]
    reader: User


def past_of(whose: Whose, *, kind: str = "", words: str = "", before: str = "") -> Past:
    """Return a page of what happened to these people.

    `kind` is the key of a kind or of a group; `words` are looked for in the lines as the reader sees them. Raises
    UnknownFilter.
    """
    kinds, place = _kinds(kind), _position(before)
    wanted = words.replace("\0", "").strip().casefold()
    if wanted:
        return _searched(whose, kinds, wanted, place)
    events = timeline(whose.contact_ids, before=place, limit=SIZE + 1, kinds=kinds)
    return _page(_told(events, whose), events)


def _searched(whose: Whose, kinds: list[str] | None, wanted: str, place: tuple[datetime, int] | None) -> Past:
    found: list[Told] = []
    passed: list[PastEvent] = []
    events: list[PastEvent] = []
    for _round in range(MOST_READ // READ_AT_ONCE):
        events = timeline(whose.contact_ids, before=place, limit=READ_AT_ONCE, kinds=kinds)
        for event, line in zip(events, _told(events, whose), strict=True):
            if wanted in f"{line.text} {line.who}".casefold():
                found.append(line)
                passed.append(event)
        if len(found) > SIZE or len(events) < READ_AT_ONCE:
            return _page(found, passed)
        place = (events[-1].occurred_at, events[-1].id)
    return Past(found, _place_of(events[-1]), read_all=False)


def _page(lines: list[Told], events: Sequence[PastEvent]) -> Past:
    more = len(lines) > SIZE
    return Past(lines[:SIZE], _place_of(events[SIZE - 1]) if more else "")


def _told(events: Sequence[PastEvent], whose: Whose) -> list[Told]:
    numbers = {event.id: number for event in events if isinstance(number := event.properties.get("note"), int)}
    notes = by_id(set(numbers.values()), whose.reader)
    return [Told(event, whose.names.get(event.contact_id, ""), notes.get(numbers.get(event.id, 0))) for event in events]


def _kinds(asked: str) -> list[str] | None:
    if not asked:
        return None
    if asked in KINDS:
        return [asked]
    kinds = [row.key for row in KINDS if row.timeline and group_of(row.key).key == asked]
    if not kinds:
        raise UnknownFilter(asked)
    return kinds


def choices() -> list[tuple[Group, list[tuple[str, Any]]]]:
    """Return the groups with their kinds as (key, label), for the select of the timeline."""
    by_group: dict[Group, list[tuple[str, Any]]] = {group: [] for group in (*GROUPS, OTHER)}
    for row in KINDS:
        if row.timeline:
            by_group[group_of(row.key)].append((row.key, row.label))
    return [(group, kinds) for group, kinds in by_group.items() if kinds]


def _place_of(event: PastEvent) -> str:
    return f"{event.occurred_at.isoformat()}_{event.id}"


def _position(raw: str) -> tuple[datetime, int] | None:
    if not raw:
        return None
    at, _underscore, number = raw.rpartition("_")
    try:
        moment = parse_datetime(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not number.isdecimal() or len(number) > 18:
        raise UnknownFilter(raw)
    return moment, int(number)
