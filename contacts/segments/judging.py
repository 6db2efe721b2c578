"""Judging few people anew for some segments at once: the scalar forms of their rules in one statement.

Used by the refresh of touched people, by the end of a build, and by decisions by hand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched

from django.db.backends.utils import CursorWrapper

from contacts.segments.changes import News, Question, changed_pairs
from contacts.segments.index import Entry, Index
from contacts.segments.moments import moment_at
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.sql import Sql, compose, joined

CHUNK = 1_000  # people in a statement: from 10,000 on PostgreSQL hashes sub-queries over everybody
# The rule is asked for each segment and person; what a person decided by hand stands above it.
_WANTED = """
SELECT s.segment_id, c.id AS contact_id
FROM contacts_contact c CROSS JOIN LATERAL (VALUES {tests}) AS s(segment_id, matches)
LEFT JOIN contacts_byhand h ON h.segment_id = s.segment_id AND h.contact_id = c.id
WHERE c.id = ANY(%s) AND c.merged_into_id IS NULL AND coalesce(h.included, s.matches)
"""
_HELD = """
SELECT m.id, m.segment_id, m.contact_id FROM contacts_membership m
WHERE m.left_at IS NULL AND m.segment_id = ANY(%s) AND m.contact_id = ANY(%s)
"""
_COUNT = """
UPDATE contacts_segment s SET members = s.members + n.more
FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, more) WHERE s.id = n.id
"""
_COLLEAGUES = """
SELECT o.id FROM contacts_contact o
WHERE o.merged_into_id IS NULL AND o.account_id IN (
    SELECT c.account_id FROM contacts_contact c WHERE c.id = ANY(%s) AND c.account_id IS NOT NULL
)
"""

type People = dict[int, set[int]]  # contact ids by segment id


def judge(
    cursor: CursorWrapper, index: Index, people: Mapping[int, Collection[int]], now: datetime, *, news: str | None
) -> list[tuple[int, int, bool]]:
    """Bring the memberships of these people up to date and return who changed, as (segment, contact, entered).

    Segments that read others come after them, and look at everybody who changed there too, as far as they are among
    `people`. The caller holds the locks of all these segments. `news` is the word for why; None: nobody is told.
    """
    at = moment_at(now)
    left: People = {segment: set(ids) for segment, ids in people.items()}
    changed: list[tuple[int, int, bool]] = []
    for level in sorted({index.level(segment) for segment in left}):
        segments = [segment for segment in left if index.level(segment) == level]
        for group, contacts in _alike(left, segments):
            entries = [index.entries[segment] for segment in group]
            for chunk in batched(sorted(contacts), CHUNK, strict=False):
                found = _changes(cursor, entries, chunk, at, news)
                _hand_on(index, found, left)
                changed += found
    _count(cursor, changed)
    return changed


def _alike(people: People, segments: Iterable[int]) -> Iterator[tuple[list[int], frozenset[int]]]:
    """Yield the segments of equal people together, so that one statement serves them."""
    groups: dict[frozenset[int], list[int]] = defaultdict(list)
    for segment in sorted(segments):
        groups[frozenset(people[segment])].append(segment)
    for contacts, group in groups.items():
        yield group, contacts


def _hand_on(index: Index, changed: Iterable[tuple[int, int, bool]], people: People) -> None:
    for segment, contact, _entered in changed:
        for reader in index.readers.get(segment, ()):
            if reader in people:
                people[reader].add(contact)


def _changes(
    cursor: CursorWrapper, entries: Sequence[Entry], contacts: Sequence[int], at: Moment, news: str | None
) -> list[tuple[int, int, bool]]:
    tests = [
        compose("(%s::bigint, {test})", entry.id, test=entry.rule.test(at))
        for entry in entries
        if entry.rule is not None
    ]
    ids = [entry.id for entry in entries if entry.rule is not None]
    if not tests:
        return []
    question = Question(compose(_WANTED, list(contacts), tests=joined(", ", tests)), Sql(_HELD, (ids, list(contacts))))
    told = _news(entries, news) if news else None
    return changed_pairs(cursor, question, told, at.now)


def _news(entries: Iterable[Entry], why: str) -> News:
    of_stages = [entry.id for entry in entries if entry.is_of_stage]
    return News({entry.id: entry.name for entry in entries}, why, of_stages)


def _count(cursor: CursorWrapper, changed: Iterable[tuple[int, int, bool]]) -> None:
    more: dict[int, int] = defaultdict(int)
    for segment, _contact, entered in changed:
        more[segment] += 1 if entered else -1
    if more:
        cursor.execute(_COUNT, [list(more), list(more.values())])


def with_colleagues(cursor: CursorWrapper, contacts: Collection[int]) -> set[int]:
    """Return these people and everybody of their accounts."""
    cursor.execute(_COLLEAGUES, [list(contacts)])
    return {*contacts, *(contact for (contact,) in cursor.fetchall())}
