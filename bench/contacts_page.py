"""Pages: the lists of people, a person, segments, home and more at full size, through the real views, as each role.

Every list is checked against SQL by hand for who stands on it and in which order, and must hold somebody. Server time
is that of the whole request: middleware, queries, template. Who sees only her own people has rounds of her own.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import psycopg

from bench.harness import Bench, as_served, timed
from bench.page_cases import Case, cases
from bench.page_depth import deep
from bench.page_reading import WARM, Measured, Reader, checked, measured
from bench.page_world import ALL_SEEING, World, company

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000), "requests": (10, 40)}


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
    as_served()
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
