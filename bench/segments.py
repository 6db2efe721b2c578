"""Segments: the twelve typical ones of docs/segments.md through the real path, beside SQL written by hand for each.

Every figure is of all twelve; counts of both sides must agree, and in the end members must equal a full evaluation.
"""

import logging
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg

from bench.harness import Bench, interleaved, percentile, timed
from bench.segment_people import CITIES, fill

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000)}
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def days(n: int) -> dict[str, Any]:
    """Return a span."""
    return {"n": n, "unit": "days"}


def last(n: int) -> dict[str, Any]:
    """Return a window."""
    return {"window": {"last": days(n)}}


NEVER = {"times": {"operator": "never"}}


def rules(campaign: int, stage: int, inactive: int) -> dict[str, dict[str, Any]]:
    """Return the rules by name; `inactive` is the number of the fifth segment."""
    pricing = [{"property": "path", "operator": "is", "value": "/pricing"}]
    return {
        "1 city": {"all": [{"field": "city", "operator": "is", "value": "Seoul"}]},
        "2 plan and age": {
            "all": [
                {"field": "attribute.plan", "operator": "is_any_of", "value": ["pro"]},
                {"field": "attribute.age", "operator": "more_than", "value": 40},
            ]
        },
        "3 saved cities": {"all": [{"field": "attribute.saved", "operator": "has_any_of", "value": ["Busan"]}]},
        "4 active": {"all": [{"did": "any"} | last(30)]},
        "5 inactive": {"all": [{"did": "any"} | NEVER | last(30)]},
        "6 opened often": {"all": [{"did": "mail.opened", "times": {"operator": "at_least", "n": 3}} | last(30)]},
        "7 clicked once": {"all": [{"did": "mail.clicked", "on": {"type": "campaign", "keys": [str(campaign)]}}]},
        "8 bought": {
            "all": [
                {"did": "order.placed", "times": {"operator": "at_least", "n": 2}},
                {"did": "order.placed", "measure": {"of": "value", "by": "sum", "operator": "more_than", "value": 100}},
            ]
        },
        "9 opened, not clicked": {
            "all": [{"did": "mail.opened"} | last(14), {"did": "mail.clicked"} | NEVER | last(14)]
        },
        "10 nested": {
            "all": [
                {
                    "any": [
                        {"field": "city", "operator": "is_any_of", "value": CITIES[:5]},
                        {"field": "stage", "operator": "is_any_of", "value": [stage]},
                    ]
                },
                {"field": "segments", "operator": "has_none_of", "value": [inactive]},
                {"field": "score", "operator": "at_least", "value": 50},
            ]
        },
        "11 bought soon": {"all": [{"did": "order.placed", "first": True, "window": {"after_creation": days(30)}}]},
        "12 cart left": {
            "all": [
                {"did": "cart.updated"} | last(3),
                {"did": "order.placed", "window": {"since": {"did": "cart.updated", "which": "last"}}} | NEVER,
                {"did": "page.viewed", "where": pricing} | NEVER | last(7),
            ]
        },
    }


# By hand, knowing the tables: %(30)s is thirty days ago, kinds and subjects are numbers, `c` are the people.
BY_HAND = {
    "1 city": "lower(c.city) = 'seoul'",
    "2 plan and age": """c.attributes @> '{"plan": "pro"}' AND (c.attributes ->> 'age')::numeric > 40""",
    "3 saved cities": """c.attributes @> '{"saved": ["Busan"]}'""",
    "4 active": "c.id IN (SELECT contact_id FROM contact_seen WHERE last_seen_at >= %(30)s)",
    "5 inactive": "c.id NOT IN (SELECT contact_id FROM contact_seen WHERE last_seen_at >= %(30)s)",
    "6 opened often": """c.id IN (SELECT contact_id FROM contact_state
        WHERE kind_id = %(opened)s AND last_times[3] >= %(30)s)""",
    "7 clicked once": """c.id IN (SELECT contact_id FROM subject_state
        WHERE kind_id = %(clicked)s AND subject_id = ANY(%(dispatches)s))""",
    "8 bought": "c.id IN (SELECT contact_id FROM contact_state WHERE kind_id = %(order)s AND n >= 2 AND total > 100)",
    "9 opened, not clicked": """
        c.id IN (SELECT contact_id FROM contact_state WHERE kind_id = %(opened)s AND last_at >= %(14)s)
        AND c.id NOT IN (SELECT contact_id FROM contact_state WHERE kind_id = %(clicked)s AND last_at >= %(14)s)""",
    "10 nested": """(lower(c.city) = ANY(%(cities)s) OR c.stage_id = %(stage)s)
        AND c.id NOT IN (SELECT contact_id FROM contacts_membership
            WHERE segment_id = %(inactive)s AND left_at IS NULL)
        AND c.id IN (SELECT contact_id FROM contacts_score WHERE model_id = %(model)s AND total >= %(warm)s)""",
    "11 bought soon": """c.id IN (
        SELECT s.contact_id FROM contact_state s JOIN contacts_contact b ON b.id = s.contact_id
        WHERE s.kind_id = %(order)s AND s.first_at < b.created_at + interval '30 days')""",
    "12 cart left": """c.id IN (
        SELECT s.contact_id FROM contact_state s
        LEFT JOIN contact_state o ON o.contact_id = s.contact_id AND o.kind_id = %(order)s
        WHERE s.kind_id = %(cart)s AND s.last_at >= %(3)s AND (o.last_at IS NULL OR o.last_at <= s.last_at)
    ) AND c.id NOT IN (SELECT contact_id FROM event WHERE kind_id = %(page)s AND occurred_at >= %(7)s
        AND properties ->> 'path' = '/pricing')""",
}
_ALL = "SELECT c.id FROM contacts_contact c WHERE c.merged_into_id IS NULL AND "


def run(bench: Bench) -> None:
    """Fill, build, evaluate, refresh, let time pass, ask why, count."""
    logging.getLogger("contacts.segments.wake").setLevel(logging.ERROR)  # there is no broker here
    people, events = bench.size("people"), bench.size("events")
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        campaign, dispatches = _campaigns()
        fill(database, people=people, events=events, dispatches=dispatches, now=NOW)
        values = _values(dispatches[:1])
        segments = _made(campaign, values)
        _build(bench, database, segments, values)
        _evaluate(bench, database, segments, values)
        _refresh(bench, database, people)
        _let_time_pass(bench, database)
        _ask(bench, segments, people)
        _check_members(bench, database, segments)


def _campaigns() -> tuple[int, list[int]]:
    """Make forty campaigns with a dispatch each; return the first one's number and the subjects' numbers."""
    from bench.send import _campaign, _chosen
    from campaigns.sending.models import Dispatch
    from contacts.ledger.dictionary import subject_ids

    make = _campaign(_chosen(NOW), conditional=False)
    campaigns = [make() for _ in range(40)]
    version = campaigns[0].template.versions.get()
    sent = [
        Dispatch.objects.create(campaign=campaign, sender=campaign.sender, template_version=version, state="finished")
        for campaign in campaigns
    ]
    subjects = subject_ids([("dispatch", str(dispatch.pk)) for dispatch in sent])
    return campaigns[0].pk, [subjects["dispatch", str(dispatch.pk)] for dispatch in sent]


def _values(dispatches: list[int]) -> dict[str, Any]:
    """Return what the statements by hand need."""
    from contacts.ledger.dictionary import kind_ids
    from contacts.models import Stage
    from contacts.scoring.decay import threshold
    from contacts.scoring.heat import default_model

    kinds = kind_ids(["mail.opened", "mail.clicked", "page.viewed", "cart.updated", "order.placed"])
    model = default_model()
    return {
        "opened": kinds["mail.opened"],
        "clicked": kinds["mail.clicked"],
        "page": kinds["page.viewed"],
        "cart": kinds["cart.updated"],
        "order": kinds["order.placed"],
        **{str(n): NOW - n * DAY for n in (3, 7, 14, 30)},
        "dispatches": dispatches,
        "cities": [city.lower() for city in CITIES[:5]],
        "stage": Stage.objects.order_by("pk")[2].pk,
        "model": model.pk,
        "warm": threshold(50, NOW, anchor=model.anchor, half_life=model.half_life),
    }


def _made(campaign: int, values: dict[str, Any]) -> dict[str, Any]:
    """Save the twelve segments; attributes are defined first. Their builds wait."""
    from contacts.attributes import definition as attributes
    from contacts.segments import saving
    from contacts.segments.saving import Draft

    attributes.define("contact", "Plan", "choice", ["pro", "free"])
    attributes.define("contact", "Age", "number")
    attributes.define("contact", "Saved", "list")
    segments: dict[str, Any] = {}
    inactive = 0
    for name in BY_HAND:
        rule = rules(campaign, values["stage"], inactive)[name]
        segments[name] = saving.create(Draft(name, "", {"version": 1, "rule": rule}), by=None, now=NOW)
        if name.startswith("5"):
            inactive = segments[name].pk
    values["inactive"] = inactive
    return segments


def _rule(segment: Any) -> Any:
    from contacts.segments.rules.parsing import parse

    return parse(segment.definition)


def _evaluate(bench: Bench, database: psycopg.Connection, segments: dict[str, Any], values: dict[str, Any]) -> None:
    """Evaluate each rule over everybody and the same by hand, in turns; the ids must be the same."""
    from contacts.segments.moments import moment_at

    at = moment_at(NOW)
    with psycopg.ClientCursor(database) as cursor:
        cursor.execute("SET work_mem = '128MB'")
        ours, hand = {}, {}
        for name, segment in segments.items():
            everybody = _rule(segment).everybody(at)
            ours[name] = _seconds(cursor, everybody.text, everybody.params)
            hand[name] = _seconds(cursor, _ALL + BY_HAND[name], values)
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


def _build(bench: Bench, database: psycopg.Connection, segments: dict[str, Any], values: dict[str, Any]) -> None:
    """Build all members through the real path; by hand: the same rows by INSERT … SELECT into a like table."""
    from contacts.segments import building
    from contacts.segments.models import Segment

    def by_hand() -> None:
        with psycopg.ClientCursor(database) as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_membership")
            cursor.execute("CREATE TABLE bench_membership (LIKE contacts_membership INCLUDING ALL)")
            for name, segment in segments.items():
                chosen = _ALL.replace("c.id", "%(segment)s::bigint, c.id, %(now)s::timestamptz", 1) + BY_HAND[name]
                chosen = chosen.replace("contacts_membership", "bench_membership")
                cursor.execute(
                    f"INSERT INTO bench_membership (segment_id, contact_id, entered_at) {chosen}",
                    values | {"segment": segment.pk, "now": NOW},
                )

    def built() -> None:
        while building.run_due(lambda: NOW):
            pass

    def built_first() -> float:
        database.execute("TRUNCATE contacts_membership")
        database.execute("UPDATE contacts_segment SET built_at = NULL")
        for segment in segments.values():
            _again(segment)
        return timed(built)

    found = interleaved(built_first, lambda: timed(by_hand))
    waiting = Segment.objects.exclude(state="ready").count()
    bench.check(waiting == 0, f"{waiting} segments were not built")
    ours = database.execute("SELECT count(*) FROM contacts_membership WHERE left_at IS NULL").fetchone()
    theirs = database.execute("SELECT count(*) FROM bench_membership").fetchone()
    bench.check(ours == theirs, f"{ours} members, by hand {theirs}")
    database.execute("DROP TABLE bench_membership")
    database.execute("VACUUM ANALYZE contacts_membership")
    bench.record(
        "segments: full build of all 12",
        found.figure,
        "s",
        reference=found.reference,
        ratio=found.ratio,
        at_most=1.15,
        how=f"{ours[0] if ours else 0} memberships, in ranges, with a diff; by hand one INSERT each, the same indexes",
    )
    again = timed(lambda: [_again(segment) for segment in segments.values()] and built())
    bench.record("segments: rebuild without change", again, "s", how="all 12 again, nothing to write")


def _again(segment: Any) -> bool:
    from contacts.segments import saving

    saving.rebuild(segment, now=NOW)
    return True


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
    parsed = [_rule(segment) for segment in segments.values()]
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
            everybody = _rule(segment).everybody(at)
            wanted = _seconds(cursor, everybody.text, everybody.params)
            held = _seconds(
                cursor,
                "SELECT contact_id FROM contacts_membership WHERE segment_id = %s AND left_at IS NULL",
                [segment.pk],
            )
            apart = _difference(cursor, wanted, held)
            bench.check(not apart, f"{name}: {apart} members differ from a full evaluation")
