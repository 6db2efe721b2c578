"""Pages: the lists of people, a person, segments, home and more at full size, through the real views, as each role.

Every list is checked against SQL by hand for who stands on it and in which order, and must hold somebody. Server time
is that of the whole request: middleware, queries, template. Who sees only her own people has rounds of her own.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from bench.harness import Bench, percentile, timed
from bench.page_cases import PERSON, SIZE, Case, by_hand, cases
from bench.page_store import company
from bench.page_world import ALL_SEEING, World

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000), "requests": (10, 40)}
WARM = 2
DEPTH = 1_000  # the page that is jumped to, where so many people are seen
_NUMBERS = 400  # different addresses of a case
_READ_IN_SEQUENCE = """
SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables
WHERE relid = 'contacts_contact'::regclass
OR relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass)
"""


@dataclass
class Measured:
    """Seconds of each request, the most queries of one, and rows of people and events read in sequence by all."""

    case: Case
    role: str
    seconds: list[float] = field(default_factory=list)
    queries: int = 0
    in_sequence: int = 0

    @property
    def p95(self) -> float:
        """Return milliseconds."""
        return percentile(self.seconds, 0.95) * 1000

    def __str__(self) -> str:
        return (
            f"{self.case.group}, {self.case.name} ({self.role})"
            if self.case.name
            else f"{self.case.group} ({self.role})"
        )


class Reader:
    """Somebody logged in who asks for pages."""

    def __init__(self, email: str) -> None:
        from django.test import Client

        from crm.team.models import Role, User

        self.user = User.objects.get(email=email)
        self.role = str(self.user.role)
        self.sees_all = self.user.role != Role.SALES_REP
        self._client = Client(headers={"host": "localhost"})
        self._client.force_login(self.user)

    @property
    def visible(self) -> str:
        """Return by hand whose people they may see."""
        return "true" if self.sees_all else f"(c.owner_id = {self.user.pk} OR c.owner_id IS NULL)"

    def ask(self, bench: Bench, url: str) -> str:
        """Return the page."""
        answer = self._client.get(url)
        bench.check(answer.status_code == 200, f"{url} as {self.role}: {answer.status_code}")
        return answer.content.decode()

    def may_open(self, case: Case) -> bool:
        """Tell whether the page is one of this role's."""
        return not case.roles or self.role in case.roles


class Counter:
    """Counts queries, as a wrapper of the connection's."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Run the query."""
        self.queries += 1
        return execute(sql, params, many, context)


def run(bench: Bench) -> None:
    """Fill, ask for every page as every role, compare rows with SQL by hand."""
    world = company(bench)
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        ask_all(bench, database, world)


def ask_all(bench: Bench, database: psycopg.Connection, world: World) -> None:
    """Measure, check and record."""
    everybody = [Reader(f"{role}@team.example") for role in ALL_SEEING]
    own = [Reader("rep0@team.example")]
    found = list(_home_first(bench, database, (*everybody, *own)))
    for readers in (everybody, own):
        asked = [case for case in cases(world) if readers[0].may_open(case)]
        found += [measured(bench, database, case, readers) for case in asked]
        for case in asked:
            checked(bench, database, case, readers[0])
        found += deep(bench, database, world, readers)
    _record(bench, found)


def _home_first(bench: Bench, database: psycopg.Connection, readers: Iterable[Reader]) -> Iterator[Measured]:
    """Look at home before its numbers were ever counted, then count them as a worker does."""
    from crm.home import tally

    case = Case("home, first look", "", lambda _n: {}, None, lambda _n: "/", 'class="wf-stage')
    logging.getLogger("crm.home.tally").setLevel(logging.ERROR)  # there is no broker here
    for reader in readers:
        yield measured(bench, database, case, [reader])
    took = timed(lambda: tally.count_due(lambda: datetime.now(UTC)))
    bench.record("pages: numbers of home, counted by a worker", took, "s", how="of all people and of one rep's")


# --- asking ---------------------------------------------------------------------------------------------------------
def measured(bench: Bench, database: psycopg.Connection, case: Case, readers: list[Reader]) -> Measured:
    """Ask WARM and `requests` times, the readers in turn; the first ones are not counted."""
    from django.db import connection

    found = Measured(case, "all" if readers[0].sees_all else "own")
    before, pages = _read_in_sequence(database), list[str]()
    for n in range(-WARM, bench.size("requests")):
        reader, counter, url = readers[n % len(readers)], Counter(), case.url(n % _NUMBERS)
        with connection.execute_wrapper(counter):
            took = timed(lambda r=reader, url=url: pages.append(r.ask(bench, url)))
        bench.check(
            re.search(case.sign, pages.pop()) is not None, f"{url} as {reader.role}: no {case.sign} on the page"
        )
        found.queries = max(found.queries, counter.queries)
        if n >= 0:
            found.seconds.append(took)
    found.in_sequence = _read_in_sequence(database) - before
    return found


def _read_in_sequence(database: psycopg.Connection) -> int:
    """Return how many rows of people and events were read by sequential scans until now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    row = database.execute(_READ_IN_SEQUENCE).fetchone()
    assert row is not None
    return int(row[0])


def checked(bench: Bench, database: psycopg.Connection, case: Case, reader: Reader) -> None:
    """Compare the people of the second page asked for with those of SQL by hand."""
    if case.where is not None:
        wanted = by_hand(database, case.where, reader.visible, case.query(1))
        what = f"{case.group}, {case.name}, as {reader.role}"
        compare(bench, what, reader.ask(bench, case.url(1)), wanted)


def compare(bench: Bench, what: str, page: str, wanted: list[int]) -> None:
    """Stop unless the page shows exactly these people in this order."""
    shown = [int(number) for number in re.findall(PERSON, page)]
    bench.check(shown == wanted, f"{what}: {len(shown)} rows, by hand {len(wanted)}; {shown[:3]} for {wanted[:3]}")


# --- deep in a list -------------------------------------------------------------------------------------------------
def deep(bench: Bench, database: psycopg.Connection, world: World, readers: list[Reader]) -> Iterator[Measured]:
    """Jump to page DEPTH (or as deep as the reader's people reach) and leaf on; its rows are those by hand."""
    inside = "c.id IN (SELECT contact_id FROM contacts_membership WHERE segment_id = %(segment)s AND left_at IS NULL)"
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "newest first": ({}, "true"),
        "by name": ({"sort": "name"}, "true"),
        "seen last": ({"sort": "-seen"}, "true"),
        "half of them by segment": ({"segment": world.segments["half"]}, inside),
    }
    for name, (query, where) in kinds.items():
        depth = min(DEPTH, _pages(readers[0], query) - bench.size("requests") - WARM - 1)
        bench.check(depth > 1, f"{name}: too few people to leaf through")
        cursors = _leafed(readers[0], query, depth, bench.size("requests") + WARM)
        first = Case("deep in a list", f"{name}, page {depth:,}", lambda _n, q=query, c=cursors: q | {"cursor": c[0]})
        wanted = by_hand(database, where, readers[0].visible, query, offset=SIZE * (depth - 1))
        compare(bench, f"page {depth}, {name}", readers[0].ask(bench, first.url(0)), wanted)
        leafing = replace(first, query=lambda n, q=query, c=cursors: q | {"cursor": c[n % len(c)]})
        yield measured(bench, database, leafing, readers)


def _asked(query: Mapping[str, Any]) -> Any:
    from django.http import QueryDict

    asked = QueryDict(mutable=True)
    asked.update({key: str(value) for key, value in query.items()})
    return asked


def _pages(reader: Reader, query: Mapping[str, Any]) -> int:
    from contacts.people.queries import people_found

    return int(people_found(reader.user, _asked(query)).count()) // SIZE


def _leafed(reader: Reader, query: Mapping[str, Any], depth: int, pages: int) -> list[str]:
    """Return the cursors of `pages` pages from `depth` on; the first is that of one very large page of bare rows."""
    from contacts.people.queries import DEFAULT_SORT, SORTS, people_found, people_page
    from crm.kit.paging import keyset_page

    light = people_found(reader.user, _asked(query)).select_related("seen").only("created_at", "sort_key", "seen")
    order = SORTS[str(query.get("sort", DEFAULT_SORT))]
    cursors = [keyset_page(light, order, size=SIZE * (depth - 1)).next_cursor]
    while len(cursors) < pages:
        cursors.append(people_page(reader.user, _asked({**query, "cursor": cursors[-1]})).next_cursor)
    return cursors


# --- the table ------------------------------------------------------------------------------------------------------
def _record(bench: Bench, found: Iterable[Measured]) -> None:
    found = list(found)
    for group in dict.fromkeys(one.case.group for one in found):
        own = sorted((one for one in found if one.case.group == group), key=lambda one: -one.p95)
        worst = ", ".join(f"{one.case.name or group} ({one.role}) {one.p95:.0f}" for one in own[:6])
        how = f"worst of {len(own)} kinds; slowest, in ms, of people who see all or their own: {worst}"
        bench.record(f"pages: {group}, p95", own[0].p95, "ms", at_most=100, how=how)
    most = sorted(found, key=lambda one: -one.queries)
    how = "; ".join(f"{one}: {one.queries}" for one in most[:6])
    bench.record("pages: most queries", most[0].queries, "queries", at_most=15, how=how)
    _record_sequences(bench, found)


def _record_sequences(bench: Bench, found: list[Measured]) -> None:
    """A count that ends at 10,000 found may read some rows in sequence; nothing may read a table to its end."""
    read = sorted(found, key=lambda one: -one.in_sequence)
    asked = bench.size("requests") + WARM
    worst = "; ".join(f"{one}: {one.in_sequence // asked:,}" for one in read[:8])
    how = f"rows of a request, on average; most: {worst}"
    most, few = read[0].in_sequence / asked, min(50_000, bench.size("people") // 2)
    bench.record("pages: people and events read in sequence", most, "rows", at_most=few, how=how)
