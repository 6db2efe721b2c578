"""Segments: the twelve typical ones of docs/segments.md through the real path, beside SQL written by hand for each.

Every figure is of all twelve; counts of both sides must agree, and in the end members must equal a full evaluation.
"""

import logging
import statistics
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg

from bench.harness import Bench, interleaved, percentile, timed
from bench.segment_people import fill
from bench.segment_rules import ALL, BY_HAND, DAY, NOW, campaigns, made, rule_of, values

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000)}


def run(bench: Bench) -> None:
    """Fill, build, evaluate, refresh, let time pass, ask why, count."""
    logging.getLogger("crm.kit.wake").setLevel(logging.ERROR)  # there is no broker here
    people, events = bench.size("people"), bench.size("events")
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        campaign, dispatches = campaigns()
        fill(database, people=people, events=events, dispatches=dispatches, now=NOW)
        bound = values(dispatches[:1])
        segments = made(campaign, bound)
        _build(bench, database, segments, bound)
        _evaluate(bench, database, segments, bound)
        _refresh(bench, database, people)
        _let_time_pass(bench, database)
        _ask(bench, segments, people)
        _check_members(bench, database, segments)


def _evaluate(bench: Bench, database: psycopg.Connection, segments: dict[str, Any], bound: dict[str, Any]) -> None:
    """Evaluate each rule over everybody and the same by hand, in turns; the ids must be the same."""
    from contacts.segments.moments import moment_at

    at = moment_at(NOW)
    with psycopg.ClientCursor(database) as cursor:
        cursor.execute("SET work_mem = '128MB'")
        ours, hand = {}, {}
        for name, segment in segments.items():
            everybody = rule_of(segment).everybody(at)
            ours[name] = _seconds(cursor, everybody.text, everybody.params)
            hand[name] = _seconds(cursor, ALL + BY_HAND[name], bound)
            difference = _difference(cursor, ours[name], hand[name])
            bench.check(not difference, f"{name}: {difference} people differ from the statement by hand")
        found = {name: interleaved(ours[name], hand[name]) for name in segments}
    slowest = max(found, key=lambda name: found[name].ratio)
    bench.record(
        "segments: evaluate all 12",
        sum(one.figure for one in found.values()),
        "s",
        reference=sum(one.reference for one in found.values()),
        ratio=sum(one.figure for one in found.values()) / sum(one.reference for one in found.values()),
        at_most=1.15,
        how=f"each over everybody, beside SQL by hand; the widest: {slowest} {found[slowest].ratio:.2f}; "
        + ", ".join(f"{name} {one.figure:.2f}/{one.reference:.2f}" for name, one in found.items()),
    )


class _Timed:
    """A statement; a call runs it and returns the seconds."""

    def __init__(self, cursor: psycopg.ClientCursor, text: str, params: Any) -> None:
        self.bound = cursor.mogrify(text, params)
        self._cursor = cursor

    def __call__(self) -> float:
        """Run it, counting in the server."""
        return timed(lambda: self._cursor.execute(f"SELECT count(*) FROM ({self.bound}) AS found"))


_seconds = _Timed


def _difference(cursor: psycopg.ClientCursor, one: _Timed, other: _Timed) -> int:
    both = f"(({one.bound}) EXCEPT ({other.bound})) UNION ALL (({other.bound}) EXCEPT ({one.bound}))"
    cursor.execute(f"SELECT count(*) FROM ({both}) AS apart")
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _build(bench: Bench, database: psycopg.Connection, segments: dict[str, Any], bound: dict[str, Any]) -> None:
    """Build all members through the real path; by hand: the same rows by INSERT … SELECT into a like table."""
    found = interleaved(
        lambda: _built_first(database, segments), lambda: timed(lambda: _fill_by_hand(database, segments, bound))
    )
    members = _check_built(bench, database)
    bench.record(
        "segments: full build of all 12",
        found.figure,
        "s",
        reference=found.reference,
        ratio=found.ratio,
        at_most=1.15,
        how=f"{members} memberships, in ranges, with a diff; by hand one INSERT each, the same indexes",
    )
    _ask_for_builds(segments)
    bench.record("segments: rebuild without change", timed(_built), "s", how="all 12 again, nothing to write")


def _fill_by_hand(database: psycopg.Connection, segments: dict[str, Any], bound: dict[str, Any]) -> None:
    with psycopg.ClientCursor(database) as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_membership")
        cursor.execute("CREATE TABLE bench_membership (LIKE contacts_membership INCLUDING ALL)")
        for name, segment in segments.items():
            chosen = ALL.replace("c.id", "%(segment)s::bigint, c.id, %(now)s::timestamptz", 1) + BY_HAND[name]
            chosen = chosen.replace("contacts_membership", "bench_membership")
            cursor.execute(
                f"INSERT INTO bench_membership (segment_id, contact_id, entered_at) {chosen}",
                bound | {"segment": segment.pk, "now": NOW},
            )


def _built_first(database: psycopg.Connection, segments: dict[str, Any]) -> float:
    """Return the seconds of a build that finds nobody in."""
    database.execute("TRUNCATE contacts_membership")
    database.execute("UPDATE contacts_segment SET built_at = NULL")
    _ask_for_builds(segments)
    return timed(_built)


def _ask_for_builds(segments: dict[str, Any]) -> None:
    from contacts.segments import saving

    for segment in segments.values():
        saving.rebuild(segment, now=NOW)


def _built() -> None:
    from contacts.segments import building

    while building.run_due(lambda: NOW):
        pass


def _check_built(bench: Bench, database: psycopg.Connection) -> int:
    """Compare the members with those by hand, tidy up, and return how many there are."""
    from contacts.segments.models import Membership, Segment

    waiting = Segment.objects.exclude(state="ready").count()
    bench.check(waiting == 0, f"{waiting} segments were not built")
    members = Membership.objects.filter(left_at=None).count()
    by_hand = database.execute("SELECT count(*) FROM bench_membership").fetchone()
    bench.check((members,) == by_hand, f"{members} members, by hand {by_hand}")
    database.execute("DROP TABLE bench_membership")
    database.execute("VACUUM ANALYZE contacts_membership")
    return members


def _refresh(bench: Bench, database: psycopg.Connection, people: int) -> None:
    """Touch people for all twelve and look at them anew."""
    from contacts.segments.refreshing import refresh

    chance = Random(7)

    def refreshed(count: int) -> float:
        chosen = chance.sample(range(1, people + 1), count)
        database.execute("INSERT INTO contacts_segmenttouch (contact_id) SELECT unnest(%s::bigint[])", [chosen])

        def look() -> None:
            while refresh(NOW):
                pass

        return timed(look)

    refreshed(100)
    for count, rounds, most in ((10_000, 3, 1.0), (100, 9, 0.030), (1, 9, None)):
        took = statistics.median(refreshed(count) for _ in range(rounds))
        bench.record(
            f"segments: refresh of {count:,} touched × 12",
            took * 1000,
            "ms",
            at_most=most and most * 1000,
            how="scalar forms in statements of 1,000 people, with the diff",
        )


def _let_time_pass(bench: Bench, database: psycopg.Connection) -> None:
    """Let a minute pass, and then a day, with nobody touched."""
    from contacts.segments import flips
    from contacts.segments.refreshing import refresh

    for name, passed, most in (("a minute", timedelta(minutes=1), 50), ("a day", DAY, None)):
        rounds = []
        for _ in range(3):
            database.execute("UPDATE contacts_segment SET flipped_to = %s", [NOW])
            touched: list[int] = []

            def look(later: datetime = NOW + passed, found: list[int] = touched) -> None:
                found.append(flips.flip(later))
                while refresh(later):
                    pass

            rounds.append((timed(look), touched[0]))
        took = statistics.median(seconds for seconds, _ in rounds)
        bench.record(
            f"segments: {name} of time flips",
            took * 1000,
            "ms",
            at_most=most,
            how=f"candidates of all 12 and the look at them; {rounds[0][1]} candidates at first",
        )


def _ask(bench: Bench, segments: dict[str, Any], people: int) -> None:
    """Ask why for some people, and count each rule as the builder does."""
    from contacts.segments import counting
    from contacts.segments.moments import moment_at
    from contacts.segments.rules.why import why
    from crm.team.models import Role, User

    admin = User.objects.create_user("bench@team.example", "pw-pw-pw-pw", name="Bench", role=Role.ADMIN)
    at, chance = moment_at(NOW), Random(9)
    parsed = [rule_of(segment) for segment in segments.values()]
    asked = [timed(lambda r=rule: why(r, chance.randrange(1, people), at)) for rule in parsed for _ in range(10)]
    bench.record("segments: why, p95", percentile(asked, 0.95) * 1000, "ms", how="one person and rule, in one query")

    def counted(ask: Callable[[Any], Any]) -> list[float]:
        return [timed(lambda r=rule: ask(r)) for rule in parsed for _ in range(3)]

    estimates = counted(lambda rule: counting.estimate(rule, admin, NOW))
    bench.record(
        "segments: live count, p95",
        percentile(estimates, 0.95) * 1000,
        "ms",
        at_most=150,
        how=f"the first answer, over the twelve rules; largest {max(estimates) * 1000:.0f} ms",
    )
    exact = counted(lambda rule: counting.exact(rule, admin, NOW))
    bench.record("segments: exact count, p95", percentile(exact, 0.95) * 1000, "ms", how="over the twelve rules")


def _check_members(bench: Bench, database: psycopg.Connection, segments: dict[str, Any]) -> None:
    """Compare the members with a full evaluation at the time of the last look."""
    from contacts.segments.moments import moment_at

    at = moment_at(NOW + DAY)
    with psycopg.ClientCursor(database) as cursor:
        for name, segment in segments.items():
            everybody = rule_of(segment).everybody(at)
            wanted = _seconds(cursor, everybody.text, everybody.params)
            held = _seconds(
                cursor,
                "SELECT contact_id FROM contacts_membership WHERE segment_id = %s AND left_at IS NULL",
                [segment.pk],
            )
            apart = _difference(cursor, wanted, held)
            bench.check(not apart, f"{name}: {apart} members differ from a full evaluation")
