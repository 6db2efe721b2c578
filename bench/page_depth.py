"""Deep in a list: a page far from its beginning costs no more than the first. Its rows are those by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import psycopg

from bench.harness import Bench
from bench.page_cases import SIZE, Case, by_hand
from bench.page_reading import WARM, Measured, Reader, compare, measured
from bench.page_world import World

DEPTH = 1_000  # the page that is jumped to, where so many people are seen


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
