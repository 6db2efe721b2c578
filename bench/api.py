"""The API at full size: lists, filters, searches, deep pages, one person, bulk upsert, as each role, with a token.

The same company as the bench of pages. Lists of people are checked against SQL by hand, as those pages are.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.harness import Bench, as_served, percentile, timed
from bench.page_cases import SIZE, Case, by_hand, cases
from bench.page_reading import Counter, read_in_sequence
from bench.page_world import ALL_SEEING, World, company

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000), "requests": (10, 40)}
WARM = 2
UPSERTED = 1_000
# Filters of cases that the API has under the same name; others are pages alone.
_GROUPS = (
    "a plain list",
    "a sorted list",
    "a filtered list",
    "a list by segment",
    "a list by two segments",
    "a search",
)
_OTHERS = ("accounts", "segments", "lists", "tags", "orders", "campaigns", "products", "me")


class Program:
    """A colleague's program."""

    def __init__(self, email: str) -> None:
        from django.test import Client

        from crm.team import api_tokens
        from crm.team.models import Role, User

        self.user = User.objects.get(email=email)
        self.sees_all = self.user.role != Role.SALES_REP
        scopes = api_tokens.TokenScope.values
        secret = api_tokens.create(self.user, "bench", scopes, days=None, now=datetime.now(UTC)).secret
        self._client = Client(headers={"host": "localhost", "authorization": f"Bearer {secret}"})

    def ask(self, bench: Bench, path: str, body: Any = None) -> Any:
        """Return the answer's values."""
        url = f"/api/v1/{path}"
        if body is None:
            answer = self._client.get(url)
        else:
            answer = self._client.post(url, json.dumps(body), content_type="application/json")
        bench.check(answer.status_code < 300, f"{url} as {self.user.role}: {answer.status_code} {answer.content[:200]}")
        return answer.json()


@dataclass
class Measured:
    """Milliseconds at the 95th percentile, the most queries of one request, rows read in sequence by one on average."""

    name: str
    p95: float
    queries: int
    in_sequence: float


def run(bench: Bench) -> None:
    """Fill, ask as every role, compare with SQL by hand."""
    from django.conf import settings

    settings.API_RATE = 1_000_000
    world = company(bench)
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        everybody = [Program(f"{role}@team.example") for role in ALL_SEEING]
        for noun in _OTHERS:
            everybody[0].ask(bench, noun)
        as_served()
        found = [
            *_lists(bench, database, world, everybody),
            *_lists(bench, database, world, [Program("rep0@team.example")]),
        ]
        _record(bench, found)
        _bulk(bench, everybody[1])


def _lists(bench: Bench, database: psycopg.Connection, world: World, programs: list[Program]) -> Iterator[Measured]:
    who = "all" if programs[0].sees_all else "own"
    for case in cases(world):
        if case.group in _GROUPS and case.path(0) == "/people/":
            yield _measured(
                bench, database, f"{case.group}, {case.name} ({who})", programs, lambda n, c=case: _path(c, n)
            )
            _checked(bench, database, case, programs[0])
    for noun in _OTHERS:
        yield _measured(bench, database, f"{noun} ({who})", programs, lambda _n, noun=noun: noun)
    deep = _deep(bench, programs[0])
    yield _measured(bench, database, f"leafing on ({who})", programs[:1], lambda n: deep[n % len(deep)])
    ids = [number for number in range(3, world.people, max(3, world.people // 400 // 3 * 3)) if number % 200]
    for part in ("", "/timeline", "/score", "/labels", "/consents"):
        path = f"contacts/{{}}{part}"
        yield _measured(
            bench, database, f"a person{part} ({who})", programs, lambda n, p=path: p.format(ids[n % len(ids)])
        )


def _path(case: Case, n: int) -> str:
    query = urlencode({**case.query(n), "limit": SIZE})
    return f"contacts?{query}"


def _deep(bench: Bench, program: Program) -> list[str]:
    paths, path = [], "contacts?limit=200&sort=name"
    for _page in range(bench.size("requests") + WARM):
        paths.append(path)
        following = program.ask(bench, path)["next"]
        if not following:
            break
        path = following.partition("/api/v1/")[2]
    return paths


def _checked(bench: Bench, database: psycopg.Connection, case: Case, program: Program) -> None:
    if case.where is None:
        return
    visible = "true" if program.sees_all else f"(c.owner_id = {program.user.pk} OR c.owner_id IS NULL)"
    wanted = by_hand(database, case.where, visible, case.query(1))
    shown = [row["id"] for row in program.ask(bench, _path(case, 1))["results"]]
    bench.check(shown == wanted, f"{case.group}, {case.name}: {shown[:3]} for {wanted[:3]}")


def _measured(bench: Bench, database: psycopg.Connection, name: str, programs: list[Program], path: Any) -> Measured:
    from django.db import connection

    seconds, queries, before = [], 0, read_in_sequence(database)
    for n in range(-WARM, bench.size("requests")):
        program, counter = programs[n % len(programs)], Counter()
        with connection.execute_wrapper(counter):
            took = timed(lambda p=program, n=n: p.ask(bench, path(n % 400)))
        queries = max(queries, counter.queries)
        if n >= 0:
            seconds.append(took)
    read = (read_in_sequence(database) - before) / (bench.size("requests") + WARM)
    return Measured(name, percentile(seconds, 0.95) * 1000, queries, read)


def _record(bench: Bench, found: list[Measured]) -> None:
    slow = sorted(found, key=lambda one: -one.p95)
    how = f"worst of {len(found)} kinds, server time: " + ", ".join(f"{one.name} {one.p95:.0f}" for one in slow[:8])
    bench.record("api: p95", slow[0].p95, "ms", at_most=100, how=how)
    most = sorted(found, key=lambda one: -one.queries)
    told = "; ".join(f"{one.name}: {one.queries}" for one in most[:5])
    bench.record("api: most queries", most[0].queries, "queries", at_most=15, how=told)
    read = sorted(found, key=lambda one: -one.in_sequence)
    few = min(50_000, bench.size("people") // 2)
    told = "; ".join(f"{one.name}: {one.in_sequence:,.0f}" for one in read[:5])
    bench.record("api: people and events read in sequence", read[0].in_sequence, "rows", at_most=few, how=told)


def _bulk(bench: Bench, program: Program) -> None:
    rows = [{"email": f"new{n}@bulk.example", "name": f"New {n}", "company": f"C{n % 20}"} for n in range(UPSERTED)]
    took = timed(
        lambda: bench.check(program.ask(bench, "contacts/upsert", {"contacts": rows})["created"] == UPSERTED, "upsert")
    )
    bench.record(
        "api: 1,000 people added by one upsert", took, "s", at_most=1, how="one transaction, with their events"
    )
    for row in rows:
        row["city"] = "Busan"
    took = timed(
        lambda: bench.check(program.ask(bench, "contacts/upsert", {"contacts": rows})["updated"] == UPSERTED, "again")
    )
    bench.record(
        "api: 1,000 people changed by one upsert", took, "s", at_most=1, how="one transaction, with their events"
    )
