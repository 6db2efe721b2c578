"""Pages: the lists of people, a person, segments and home at full size, through the real views, as each role.

Every list is checked against SQL by hand for who stands on it and in which order. Server time is that of the whole
request: middleware, queries, template. The role that sees her own people has rounds of her own.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.harness import Bench, percentile, timed
from bench.page_people import OWNERS, RARE_CITY, fill
from bench.segment_people import CITIES

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000)}
NOW = datetime.now(UTC)
REQUESTS = 30  # of each case, by those who see everybody in turn; half as many by the rep
WARM = 3
DEPTH = 1_000
SIZE = 50
_ROW = re.compile(r'class="people-name" href="/people/(\d+)/"')
_ORDERS = {
    "-created": "c.created_at DESC, c.id DESC",
    "created": "c.created_at, c.id",
    "name": "c.sort_key, c.id",
    "-name": "c.sort_key DESC, c.id DESC",
    "-seen": "s.last_seen_at DESC, c.id DESC",
    "seen": "s.last_seen_at, c.id",
}
_BY_HAND = """
SELECT c.id FROM contacts_contact c {seen} WHERE c.merged_into_id IS NULL AND {where} AND {visible}
ORDER BY {order} LIMIT 50 OFFSET {offset}
"""
_READ_IN_SEQUENCE = """
SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables
WHERE relid = 'contacts_contact'::regclass
OR relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event'::regclass)
"""


@dataclass(frozen=True)
class World:
    """The numbers of what was made."""

    people: int
    tags: Mapping[str, int]
    lists: Mapping[str, int]
    segments: Mapping[str, int]
    owners: list[int]
    stages: list[int]
    model: int


@dataclass(frozen=True)
class Case:
    """One kind of request: its address for the n-th one, and by hand who stands on it (None: no list of people)."""

    group: str
    name: str
    query: Callable[[int], dict[str, Any]]
    where: str | None = "true"
    path: Callable[[int], str] = lambda _n: "/people/"

    def url(self, n: int) -> str:
        """Return the address of the n-th request."""
        query = urlencode(self.query(n))
        return self.path(n) + (f"?{query}" if query else "")


@dataclass
class Measured:
    """Seconds of each request, and the most queries of one."""

    case: Case
    role: str
    seconds: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def p95(self) -> float:
        """Return milliseconds."""
        return percentile(self.seconds, 0.95) * 1000


# --- the world ------------------------------------------------------------------------------------------------------
def prepared(database: psycopg.Connection, *, people: int, events: int) -> World:
    """Make users, people and segments, and build the segments through the real path."""
    from bench.segments import _campaigns
    from contacts.models import Stage
    from contacts.scoring.heat import default_model
    from crm.team.models import Role, User

    for role in (Role.ADMIN, Role.MARKETER, Role.ANALYST):
        User.objects.create_user(f"{role.value}@team.example", None, name=role.label, role=role)
    owners = [
        User.objects.create_user(f"rep{n}@team.example", None, name=f"Rep {n}", role=Role.SALES_REP, language="ko").pk
        for n in range(OWNERS)
    ]
    tags, lists = fill(database, people=people, events=events, dispatches=_campaigns()[1], now=NOW)
    segments = _segments()
    database.execute("VACUUM ANALYZE contacts_membership")
    stages = Stage.objects.filter(model__in_use=True).values_list("pk", flat=True)
    return World(people, tags, lists, segments, owners, list(stages), default_model().pk)


def _segments() -> dict[str, int]:
    from contacts.attributes import definition as attributes
    from contacts.segments import building, saving
    from contacts.segments.models import Segment
    from contacts.segments.saving import Draft

    logging.getLogger("contacts.segments.wake").setLevel(logging.ERROR)  # there is no broker here
    attributes.define("contact", "Plan", "choice", ["pro", "free"])
    attributes.define("contact", "Age", "number")
    rules = {
        "half": {"field": "attribute.age", "operator": "more_than", "value": 47},
        "some": {"field": "city", "operator": "is", "value": "Jeju"},
        "rare": {"field": "city", "operator": "is", "value": RARE_CITY},
    }
    made = {
        name: saving.create(Draft(name, "", {"version": 1, "rule": {"all": [rule]}}), by=None, now=NOW).pk
        for name, rule in rules.items()
    }
    while building.run_due(lambda: NOW):
        pass
    assert not Segment.objects.exclude(state="ready").exists()
    return made


# --- what is asked for ----------------------------------------------------------------------------------------------
def cases(world: World) -> Iterator[Case]:
    """Yield every case but those that begin deep in a list."""
    yield Case("a plain list", "newest first", lambda _n: {})
    for order in list(_ORDERS)[1:]:
        yield Case("a sorted list", order, lambda _n, order=order: {"sort": order})
    yield from _filtered(world)
    yield from _in_segment(world)
    yield from _searched()
    yield from _others(world)


def _filtered(world: World) -> Iterator[Case]:
    tag = "c.id IN (SELECT contact_id FROM contacts_contacttag WHERE tag_id = %(tag)s)"
    member = "c.id IN (SELECT contact_id FROM contacts_listmember WHERE fixed_list_id = %(list)s)"
    said = "(SELECT contact_id FROM contacts_consentstate WHERE purpose = 'marketing' AND channel = 'email'{})"
    stage, owner, day = "c.stage_id = %(stage)s", "c.owner_id = %(owner)s", timedelta(days=1)
    group = "a filtered list"

    def days(n: int) -> dict[str, Any]:
        first = (NOW - (n + 30) * day).date()
        return {"created_from": first, "created_to": first + 6 * day}

    yield Case(group, "stage", lambda n: {"stage": world.stages[n % len(world.stages)]}, stage)
    yield Case(group, "stage by name", lambda n: {"stage": world.stages[n % len(world.stages)], "sort": "name"}, stage)
    yield Case(group, "owner", lambda n: {"owner": world.owners[n % OWNERS]}, owner)
    yield Case(group, "owner by name", lambda n: {"owner": world.owners[n % OWNERS], "sort": "name"}, owner)
    for name, number in world.tags.items():
        yield Case(group, f"tag {name}", lambda _n, number=number: {"tag": number}, tag)
    for name, number in world.lists.items():
        yield Case(group, f"list {name}", lambda _n, number=number: {"list": number}, member)
        yield Case(group, f"list {name} by name", lambda _n, number=number: {"list": number, "sort": "name"}, member)
    for decision in ("granted", "withdrawn"):
        where = f"c.id IN {said.format(f" AND decision = '{decision}'")}"
        yield Case(group, f"consent {decision}", lambda _n, d=decision: {"consent": f"marketing.email.{d}"}, where)
    unknown = {"consent": "marketing.email.unknown"}
    yield Case(group, "consent unknown", lambda _n: unknown, f"c.id NOT IN {said.format('')}")
    yield Case(group, "city", lambda n: {"city": CITIES[n % 10]}, "c.city = %(city)s")
    yield Case(group, "city by name", lambda n: {"city": CITIES[n % 10], "sort": "name"}, "c.city = %(city)s")
    yield Case(group, "rare city", lambda _n: {"city": RARE_CITY}, "c.city = %(city)s")
    created = "c.created_at >= %(created_from)s::date::timestamp AT TIME ZONE 'Asia/Seoul' AND "
    created += "c.created_at < (%(created_to)s::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul'"
    yield Case(group, "created in a week", days, created)
    yield Case(group, "created in a week by name", lambda n: days(n) | {"sort": "name"}, created)
    yield Case(
        group,
        "stage, tag and city",
        lambda n: {"stage": world.stages[n % len(world.stages)], "tag": world.tags["tenth"], "city": CITIES[n % 10]},
        f"{stage} AND {tag} AND c.city = %(city)s",
    )


def _in_segment(world: World) -> Iterator[Case]:
    inside = "c.id IN (SELECT contact_id FROM contacts_membership WHERE segment_id = {} AND left_at IS NULL)"
    for name, number in world.segments.items():
        where = inside.format(number)
        yield Case("a list by segment", name, lambda _n, number=number: {"segment": number}, where)
        by_name: dict[str, Any] = {"segment": number, "sort": "name"}
        yield Case("a list by segment", f"{name} by name", lambda _n, by_name=by_name: by_name, where)
        path = f"/segments/{number}/people/"
        yield Case("people of a segment", name, lambda _n: {"sort": "name"}, where, lambda _n, path=path: path)


def _searched() -> Iterator[Case]:
    group, holds = "a search", "c.search_text LIKE '%%' || %(q)s || '%%'"
    given = [a + b for a in "철영민지서하도은현수" for b in "수희호우윤준연은아원"]
    yield Case(group, "two syllables", lambda n: {"q": given[n * 7 % 100]}, holds)
    yield Case(group, "a common family and syllable", lambda n: {"q": "김" + "철영민지서하도은현수"[n % 10]}, holds)
    yield Case(group, "a whole name", lambda n: {"q": "김" + given[n * 7 % 100]}, holds)
    yield Case(group, "a piece of an address", lambda n: {"q": f"p{n + 17}77.{n % 10}"}, holds)
    yield Case(group, "a provider", lambda _n: {"q": "mail.example"}, holds)
    yield Case(group, "four digits", lambda n: {"q": str(1234 + n * 137)}, holds)
    yield Case(group, "a phone number", lambda n: {"q": f"10{n * 7919 * 31:08d}"}, holds)
    yield Case(group, "initials", lambda n: {"q": ["ㄱㅊㅅ", "ㅂㅎㅁ", "ㅇㅇㅇ", "ㄱㅇ"][n % 4]}, None)
    yield Case(group, "a first letter", lambda n: {"q": "김이박정p"[n % 5]}, None)


def _others(world: World) -> Iterator[Case]:
    # Ids that everybody sees: nobody owns them, they were not merged.
    ids = [number for number in range(3, world.people, world.people // 400 // 3 * 3) if number % 200]
    yield Case("a person", "", lambda _n: {}, None, lambda n: f"/people/{ids[n * 11 % len(ids)]}/")
    yield Case("segments", "", lambda _n: {}, None, lambda _n: "/segments/")
    segment = world.segments["half"]
    yield Case("a segment", "", lambda _n: {}, None, lambda _n: f"/segments/{segment}/")
    yield Case("home", "", lambda _n: {}, None, lambda _n: "/")


# --- asking ---------------------------------------------------------------------------------------------------------
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


class Counter:
    """Counts queries, as a wrapper of the connection's."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Run the query."""
        self.queries += 1
        return execute(sql, params, many, context)


def measured(bench: Bench, case: Case, readers: list[Reader], urls: Callable[[int], str]) -> Measured:
    """Ask WARM + REQUESTS times, the readers in turn; the first ones are not counted."""
    from django.db import connection

    found = Measured(case, "all" if readers[0].sees_all else "own")
    for n in range(-WARM, REQUESTS if readers[0].sees_all else REQUESTS // 2):
        reader, counter, url = readers[n % len(readers)], Counter(), urls(n % 400)
        with connection.execute_wrapper(counter):
            took = timed(lambda r=reader, url=url: r.ask(bench, url))
        found.queries = max(found.queries, counter.queries)
        if n >= 0:
            found.seconds.append(took)
    return found


# --- by hand --------------------------------------------------------------------------------------------------------
def checked(bench: Bench, database: psycopg.Connection, case: Case, reader: Reader) -> None:
    """Compare the rows of the second page asked for with SQL by hand."""
    if case.where is None:
        bench.check(len(reader.ask(bench, case.url(1))) > 1000, f"{case.name}: an empty page")
        return
    shown = [int(number) for number in _ROW.findall(reader.ask(bench, case.url(1)))]
    wanted = by_hand(database, case.where, reader, case.query(1))
    what = f"{case.group}, {case.name}, as {reader.role}"
    bench.check(shown == wanted, f"{what}: {len(shown)} rows, by hand {len(wanted)}; {shown[:3]} for {wanted[:3]}")


def by_hand(
    database: psycopg.Connection, where: str, reader: Reader, query: Mapping[str, Any], offset: int = 0
) -> list[int]:
    """Return the ids of one page."""
    sort = str(query.get("sort", "-created"))
    seen = "JOIN contact_seen s ON s.contact_id = c.id" if sort.endswith("seen") else ""
    statement = _BY_HAND.format(where=where, visible=reader.visible, order=_ORDERS[sort], seen=seen, offset=offset)
    with psycopg.ClientCursor(database) as cursor:
        return [row[0] for row in cursor.execute(statement, query or None)]


def deep(bench: Bench, database: psycopg.Connection, world: World, readers: list[Reader]) -> Iterator[Measured]:
    """Walk to page 1,000 and leaf on from there; the rows of that page are those by hand."""
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "newest first": ({}, "true"),
        "by name": ({"sort": "name"}, "true"),
        "seen last": ({"sort": "-seen"}, "true"),
        "half of them by segment": (
            {"segment": world.segments["half"]},
            "c.id IN (SELECT contact_id FROM contacts_membership WHERE segment_id = %(segment)s AND left_at IS NULL)",
        ),
    }
    for name, (query, where) in kinds.items():
        cursors = walked(readers[0], query)
        if len(cursors) < REQUESTS + WARM:
            continue  # fewer people than a thousand pages hold
        case = Case(f"page {DEPTH:,}", name, lambda n, q=query, c=cursors: q | {"cursor": c[n % len(c)]}, where)
        shown = [int(number) for number in _ROW.findall(readers[0].ask(bench, case.url(0)))]
        wanted = by_hand(database, where, readers[0], query, offset=SIZE * (DEPTH - 1))
        bench.check(shown == wanted, f"page {DEPTH}, {name}: {shown[:3]} for {wanted[:3]}")
        yield measured(bench, case, readers, case.url)


def walked(reader: Reader, query: Mapping[str, Any]) -> list[str]:
    """Return the cursors of the pages from DEPTH on; the walk there goes in strides of 20 pages."""
    from django.http import QueryDict

    from contacts.people.queries import people_page

    cursor, cursors = "", []
    strides = [*([20 * SIZE] * (DEPTH // 20 - 1)), *([SIZE] * 19)]
    for number, stride in enumerate([*strides, *([SIZE] * (REQUESTS + WARM - 1))], 1):
        asked = QueryDict(urlencode(dict(query) | {"cursor": cursor}))
        cursor = people_page(reader.user, asked, size=stride).next_cursor
        if not cursor:
            break
        cursors += [cursor] if number >= len(strides) else []
    return cursors


# --- the bench ------------------------------------------------------------------------------------------------------
def run(bench: Bench) -> None:
    """Fill, ask for every page as every role, compare rows with SQL by hand."""
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        world = prepared(database, people=bench.size("people"), events=bench.size("events"))
        ask_all(bench, database, world)


def ask_all(bench: Bench, database: psycopg.Connection, world: World) -> None:
    """Measure, check and record."""
    everybody = [Reader(f"{role}@team.example") for role in ("admin", "marketer", "analyst")]
    own = [Reader("rep0@team.example")]
    before = _read_in_sequence(database)
    found = [measured(bench, case, readers, case.url) for case in cases(world) for readers in (everybody, own)]
    read = _read_in_sequence(database) - before
    for case in cases(world):
        for reader in (everybody[0], own[0]):
            checked(bench, database, case, reader)
    for readers in (everybody, own):
        found += deep(bench, database, world, readers)
    _record(bench, found, read)


def _read_in_sequence(database: psycopg.Connection) -> int:
    """Return how many rows of people and events were read by sequential scans until now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
    row = database.execute(_READ_IN_SEQUENCE).fetchone()
    assert row is not None
    return int(row[0])


def _record(bench: Bench, found: list[Measured], read: int) -> None:
    for group in dict.fromkeys(one.case.group for one in found):
        own = sorted((one for one in found if one.case.group == group), key=lambda one: -one.p95)
        worst = ", ".join(f"{one.case.name or group} ({one.role}) {one.p95:.0f}" for one in own[:6])
        how = f"worst of {len(own)} kinds; slowest, in ms, of people who see all or their own: {worst}"
        bench.record(f"pages: {group}, p95", own[0].p95, "ms", at_most=100, how=how)
    most = max(found, key=lambda one: one.queries)
    bench.record("pages: most queries", most.queries, "queries", at_most=15, how=f"{most.case.group} {most.case.name}")
    bench.record("pages: people and events read in sequence", read, "rows", at_most=0, how="of all pages above")
