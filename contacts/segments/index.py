"""All segments with their rules parsed, and which of them to look at after what. Remembered until something changes."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from django.db import connection

from contacts.segments.errors import BadRule
from contacts.segments.models import Segment
from contacts.segments.rules.fields.choices import Rows
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.rule import Rule
from contacts.segments.rules.subjects import SUBJECT_TYPES

# A new person may match any rule, whatever it reads.
ALWAYS = frozenset({"contact.created"})
_OWN = frozenset({"segment.entered", "segment.left"})  # changes of other segments are handed on by readers
# What rules name and a person may delete: when one of these numbers moves, every rule is parsed anew. What events are
# about (products, campaigns, what upper apps add) may be many rows, and is looked at every few seconds only.
SUBJECTS_KEPT = 5.0  # seconds
_ROWS_STAMP = "SELECT (count(*), coalesce(max(id), 0))::text FROM {table}"
_STAMP = """
SELECT ARRAY[
    (SELECT (count(*), coalesce(sum(version), 0), coalesce(max(id), 0))::text FROM contacts_segment),
    (SELECT (count(*), coalesce(max(id), 0))::text FROM contacts_attribute),
    (SELECT (count(*), coalesce(max(id), 0))::text FROM contacts_tag),
    (SELECT (count(*), coalesce(max(id), 0))::text FROM contacts_fixedlist),
    (SELECT (count(*), coalesce(max(id), 0))::text FROM contacts_stage),
    (SELECT (count(*), coalesce(max(id), 0))::text FROM contacts_scoremodel)
]
"""


@dataclass(frozen=True)
class Entry:
    """A segment and its rule; `rule` is None and `problem` says why when it cannot be read any more."""

    id: int
    name: str
    version: int
    rule: Rule | None
    problem: str = ""
    is_of_stage: bool = False

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The event kinds after which a person must be looked at anew."""
        return (self.rule.kinds() - _OWN) | ALWAYS if self.rule else frozenset()

    @cached_property
    def reads(self) -> frozenset[int]:
        """The segments whose members the rule reads."""
        return self.rule.segments() if self.rule else frozenset()


@dataclass(frozen=True)
class Index:
    """The entries by id, and what follows from them."""

    entries: Mapping[int, Entry]
    _levels: dict[int, int] = field(default_factory=dict)

    @cached_property
    def by_kind(self) -> dict[str, frozenset[int]]:
        """Which segments read an event kind."""
        found: dict[str, set[int]] = defaultdict(set)
        for entry in self.entries.values():
            for kind in entry.kinds:
                found[kind].add(entry.id)
        return {kind: frozenset(ids) for kind, ids in found.items()}

    @cached_property
    def readers(self) -> dict[int, frozenset[int]]:
        """Which segments read the members of a segment."""
        found: dict[int, set[int]] = defaultdict(set)
        for entry in self.entries.values():
            for read in entry.reads:
                found[read].add(entry.id)
        return {read: frozenset(ids) for read, ids in found.items()}

    def with_readers(self, ids: Iterable[int]) -> set[int]:
        """Return these segments and all that read them, directly or through others."""
        found, rest = set(), list(ids)
        while rest:
            segment_id = rest.pop()
            if segment_id not in found:
                found.add(segment_id)
                rest += self.readers.get(segment_id, ())
        return found

    def level(self, segment_id: int) -> int:
        """Return 0 for a segment that reads no other, else one more than the highest it reads (cycles are refused)."""
        if segment_id not in self._levels:
            self._levels[segment_id] = 0  # a cycle that slipped in ends here
            reads = [read for read in self.entries[segment_id].reads if read in self.entries]
            self._levels[segment_id] = max((self.level(read) + 1 for read in reads), default=0)
        return self._levels[segment_id]


class _Memory:
    """The index of each database, with the stamp under which it was made."""

    made: ClassVar[dict[str, tuple[list[str], Index]]] = {}
    subjects: ClassVar[dict[str, tuple[float, list[str]]]] = {}


def current() -> Index:
    """Return the index as the running transaction sees it; the same object while nothing changed."""
    database = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        stamp = [*cursor.fetchone()[0], *_subjects(database)]
    known = _Memory.made.get(database)
    if known is None or known[0] != stamp:
        known = _Memory.made[database] = (stamp, _made())
    return known[1]


def _subjects(database: str) -> list[str]:
    """Return the stamps of the tables that subjects of events are chosen from, at most SUBJECTS_KEPT old."""
    kept, now = _Memory.subjects.get(database), time.monotonic()
    if kept is None or now - kept[0] > SUBJECTS_KEPT:
        rows = (kind.choices for kind in SUBJECT_TYPES if isinstance(kind.choices, Rows))
        tables = sorted({connection.ops.quote_name(each.model._meta.db_table) for each in rows})
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(_ROWS_STAMP.format(table=table) for table in tables))
            kept = _Memory.subjects[database] = (now, [stamp for (stamp,) in cursor.fetchall()])
    return kept[1]


def _made() -> Index:
    return Index({segment.pk: entry_of(segment) for segment in Segment.objects.order_by("pk")})


def entry_of(segment: Segment) -> Entry:
    """Parse one segment's definition anew."""
    try:
        rule = parse(segment.definition)
    except BadRule as error:
        return Entry(segment.pk, segment.name, segment.version, None, str(error), segment.is_of_stage)
    return Entry(segment.pk, segment.name, segment.version, rule, is_of_stage=segment.is_of_stage)
