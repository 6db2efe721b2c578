"""What the bench of pages asks for: every case with its address, what must stand on the page, and who by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import psycopg

from bench.page_people import OWNERS, RARE_CITY
from bench.page_world import World
from bench.segment_people import CITIES

SIZE = 50
PERSON = r'class="people-name" href="/people/(\d+)/"'
ORDERS = {
    "-created": "c.created_at DESC, c.id DESC",
    "created": "c.created_at, c.id",
    "name": "c.sort_key, c.id",
    "-name": "c.sort_key DESC, c.id DESC",
    "-seen": "s.last_seen_at DESC, c.id DESC",
    "seen": "s.last_seen_at, c.id",
}
_BY_HAND = """
SELECT c.id FROM contacts_contact c {seen} WHERE c.merged_into_id IS NULL AND {where} AND {visible}
ORDER BY {order} LIMIT {size} OFFSET {offset}
"""
_INSIDE = "c.id IN (SELECT contact_id FROM contacts_membership WHERE segment_id = {} AND left_at IS NULL)"


@dataclass(frozen=True)
class Case:
    """One kind of request: its address for the n-th one, and by hand who stands on it (None: no list of people).

    Each page must hold `sign` (a pattern), so that an empty one is no pass; "" is for those where nobody may be.
    `roles` says who may open it; empty for everybody.
    """

    group: str
    name: str
    query: Callable[[int], dict[str, Any]]
    where: str | None = "true"
    path: Callable[[int], str] = lambda _n: "/people/"
    sign: str = PERSON
    roles: tuple[str, ...] = ()

    def url(self, n: int) -> str:
        """Return the address of the n-th request."""
        query = urlencode(self.query(n))
        return self.path(n) + (f"?{query}" if query else "")


def by_hand(
    database: psycopg.Connection,
    where: str,
    visible: str,
    query: Mapping[str, Any],
    *,
    offset: int = 0,
) -> list[int]:
    """Return the ids of one page of the people for whom the conditions `where` and `visible` hold."""
    sort = str(query.get("sort", "-created"))
    seen = "JOIN contact_seen s ON s.contact_id = c.id" if sort.endswith("seen") else ""
    statement = _BY_HAND.format(where=where, visible=visible, order=ORDERS[sort], seen=seen, offset=offset, size=SIZE)
    with psycopg.ClientCursor(database) as cursor:
        return [row[0] for row in cursor.execute(statement, query or None)]


def cases(world: World) -> Iterator[Case]:
    """Yield every case but those that begin deep in a list."""
    yield Case("a plain list", "newest first", lambda _n: {})
    for order in list(ORDERS)[1:]:
        yield Case("a sorted list", order, lambda _n, order=order: {"sort": order})
    yield from _filtered(world)
    yield from _labelled(world)
    yield from _in_segment(world)
    yield from _in_two_segments(world)
    yield from _searched()
    yield from _others(world)


def _filtered(world: World) -> Iterator[Case]:
    stage, owner, city = "c.stage_id = %(stage)s", "c.owner_id = %(owner)s", "c.city = %(city)s"
    tag = "c.id IN (SELECT contact_id FROM contacts_contacttag WHERE tag_id = %(tag)s)"
    group, day, stages = "a filtered list", timedelta(days=1), world.stages

    def days(n: int) -> dict[str, Any]:
        first = (world.now - (n % 300 + 30) * day).date()  # people came in within 400 days
        return {"created_from": first, "created_to": first + 6 * day}

    def crossed(n: int) -> dict[str, Any]:
        return {"stage": stages[n % len(stages)], "tag": world.tags["tenth"], "city": CITIES[n % 2 * 7]}

    created = "c.created_at >= %(created_from)s::date::timestamp AT TIME ZONE 'Asia/Seoul' AND "
    created += "c.created_at < (%(created_to)s::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul'"
    narrow: list[tuple[str, Callable[[int], dict[str, Any]], str]] = [
        ("stage", lambda n: {"stage": stages[n % len(stages)]}, stage),
        ("owner", lambda n: {"owner": world.owners[n % OWNERS]}, owner),
        ("city", lambda n: {"city": CITIES[n % 10]}, city),
        ("created in a week", days, created),
    ]
    for name, query, where in narrow:
        sign = "" if name == "owner" else PERSON  # a rep sees nobody of a colleague's
        yield Case(group, name, query, where, sign=sign)
        yield Case(group, f"{name} by name", lambda n, q=query: q(n) | {"sort": "name"}, where, sign=sign)
    yield Case(group, "rare city", lambda _n: {"city": RARE_CITY}, city, sign="")
    yield Case(group, "stage, tag and city", crossed, f"{stage} AND {tag} AND {city}")


def _labelled(world: World) -> Iterator[Case]:
    group, said = "a filtered list", "(SELECT contact_id FROM contacts_consentstate WHERE purpose = 'marketing'{})"
    for name, number in world.tags.items():
        where = "c.id IN (SELECT contact_id FROM contacts_contacttag WHERE tag_id = %(tag)s)"
        sign = "" if name == "rare" else PERSON
        yield Case(group, f"tag {name}", lambda _n, number=number: {"tag": number}, where, sign=sign)
    for name, number in world.lists.items():
        where = "c.id IN (SELECT contact_id FROM contacts_listmember WHERE fixed_list_id = %(list)s)"
        yield Case(group, f"list {name}", lambda _n, number=number: {"list": number}, where)
        yield Case(group, f"list {name} by name", lambda _n, number=number: {"list": number, "sort": "name"}, where)
    for decision in ("granted", "withdrawn"):
        where = f"c.id IN {said.format(f" AND decision = '{decision}'")}"
        yield Case(group, f"consent {decision}", lambda _n, d=decision: {"consent": f"marketing.email.{d}"}, where)
    unknown = {"consent": "marketing.email.unknown"}
    yield Case(group, "consent unknown", lambda _n: unknown, f"c.id NOT IN {said.format('')}")


def _in_segment(world: World) -> Iterator[Case]:
    for name, number in world.segments.items():
        where, sign = _INSIDE.format(number), "" if name == "rare" else PERSON
        by_name: dict[str, Any] = {"segment": number, "sort": "name"}
        yield Case("a list by segment", name, lambda _n, number=number: {"segment": number}, where, sign=sign)
        yield Case("a list by segment", f"{name} by name", lambda _n, by_name=by_name: by_name, where, sign=sign)
        path = f"/segments/{number}/people/"
        yield Case("people of a segment", name, lambda _n: {"sort": "name"}, where, lambda _n, p=path: p, sign)


def _in_two_segments(world: World) -> Iterator[Case]:
    for one, other in (("half", "some"), ("half", "rare"), ("half", "rest")):
        pair = {"segment": world.segments[one], "also": world.segments[other]}
        where = f"{_INSIDE.format(pair['segment'])} AND {_INSIDE.format(pair['also'])}"
        sign = PERSON if other == "some" else ""
        yield Case("a list by two segments", f"{one} and {other}", lambda _n, p=pair: p, where, sign=sign)


def _searched() -> Iterator[Case]:
    group, holds = "a search", "c.search_text LIKE '%%' || %(q)s || '%%'"
    given = [a + b for a in "철영민지서하도은현수" for b in "수희호우윤준연은아원"]
    yield Case(group, "two syllables", lambda n: {"q": given[n * 7 % 100]}, holds)
    yield Case(group, "a common family and syllable", lambda n: {"q": "김" + "철영민지서하도은현수"[n % 10]}, holds)
    yield Case(group, "a whole name", lambda n: {"q": "김" + given[n * 7 % 100]}, holds, sign="")
    yield Case(group, "a piece of an address", lambda n: {"q": f"p{n + 17}77.{n % 10}"}, holds, sign="")
    yield Case(group, "a provider", lambda _n: {"q": "mail.example"}, holds)
    yield Case(group, "a provider of everybody", lambda _n: {"q": "example"}, holds)
    yield Case(group, "a provider by name", lambda _n: {"q": "mail.example", "sort": "name"}, holds)
    yield Case(group, "a piece nobody has of common pairs", lambda _n: {"q": "mail.exam.example.exam"}, holds, sign="")
    yield Case(group, "four digits", lambda n: {"q": str(1234 + n * 137)}, holds, sign="")
    yield Case(group, "a phone number", lambda n: {"q": f"10{n * 7919 * 31:08d}"}, holds, sign="")
    yield Case(group, "initials", lambda n: {"q": ["ㄱㅊㅅ", "ㅂㅎㅁ", "ㅇㅇㅇ", "ㄱㅇ"][n % 4]}, None)
    yield Case(group, "a first letter", lambda n: {"q": "김이박정p"[n % 5]}, None)
    hit = r'data-count="[1-9]'
    for name, words in (("Ctrl-K, a name", "김철"), ("Ctrl-K, a provider", "mail.example")):
        yield Case(group, name, lambda _n, q=words: {"q": q}, None, lambda _n: "/search/", hit)


def _others(world: World) -> Iterator[Case]:
    # Ids that everybody sees: nobody owns them, they were not merged.
    ids = [number for number in range(3, world.people, max(3, world.people // 400 // 3 * 3)) if number % 200]
    half, row = world.segments["half"], r"<tbody>\s*<tr|<li class"
    pages: list[tuple[str, Callable[[int], str], str, tuple[str, ...]]] = [
        ("home", lambda _n: "/", r'wf-stage-people">[1-9]', ()),
        ("a person", lambda n: f"/people/{ids[n * 11 % len(ids)]}/", "timeline", ()),
        ("segments", lambda _n: "/segments/", row, ()),
        ("a segment", lambda _n: f"/segments/{half}/", 'class="seg', ()),
        ("accounts", lambda _n: "/accounts/", row, ()),
        ("an account", lambda n: f"/accounts/{n + 1}/", "timeline", ()),
        ("lists", lambda _n: "/lists/", row, ()),
        ("orders", lambda _n: "/orders/", row, ()),
        ("campaigns", lambda _n: "/campaigns/", row, ()),
        ("leads", lambda _n: "/leads/", "lead", ("sales_rep",)),
        ("leads without an owner", lambda _n: "/leads/unowned/", "lead", ("sales_rep",)),
    ]
    for name, path, sign, roles in pages:
        yield Case(name, "", lambda _n: {}, None, path, sign, roles)
