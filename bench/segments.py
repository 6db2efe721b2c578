"""Segments: the twelve typical ones of docs/segments.md through the real path, beside SQL written by hand for each.

Every figure is of all twelve; counts of both sides must agree, and in the end members must equal a full evaluation.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

import psycopg

from bench.harness import Bench, Rounds, interleaved, percentile, timed
from bench.segment_building import build
from bench.segment_freshness import let_time_pass, refresh_touched
from bench.segment_rules import ALL, BY_HAND, DAY, rule_of
from bench.segment_statements import Timed, difference
from bench.segment_world import Twelve, filled, twelve

SIZES = {"people": (100_000, 1_000_000), "events": (1_000_000, 10_000_000)}
_MEMBERS = "SELECT contact_id FROM contacts_membership WHERE segment_id = %s AND left_at IS NULL"


def run(bench: Bench) -> None:
    """Fill, build, evaluate, refresh, let time pass, ask why, count."""
    logging.getLogger("crm.kit.wake").setLevel(logging.ERROR)  # there is no broker here
    note = filled(bench)
    with psycopg.connect(bench.dsn(), autocommit=True) as database:
        about = twelve(bench, database, note)
        for part in (build, _evaluate, refresh_touched, let_time_pass, _ask, _check_members):
            part(about)


def _evaluate(about: Twelve) -> None:
    """Evaluate each rule over everybody and the same by hand, in turns; the ids must be the same."""
    from contacts.everybody import work_mem

    with psycopg.ClientCursor(about.database) as cursor:
        cursor.execute(f"SET work_mem = '{work_mem(128)}'")
        found = {name: _beside_hand(about, cursor, name) for name in about.segments}
    widest = max(found, key=lambda name: found[name].ratio)
    figure = sum(one.figure for one in found.values())
    reference = sum(one.reference for one in found.values())
    each = ", ".join(f"{name} {one.figure:.2f}/{one.reference:.2f}" for name, one in found.items())
    about.bench.record(
        "segments: evaluate all 12",
        figure,
        "s",
        reference=reference,
        ratio=figure / reference,
        at_most=1.15,
        how=f"each over everybody, beside SQL by hand; the widest: {widest} {found[widest].ratio:.2f}; {each}",
    )


def _beside_hand(about: Twelve, cursor: psycopg.ClientCursor, name: str) -> Rounds:
    ours = _everybody(about, cursor, name, about.now)
    hand = Timed(cursor, ALL + BY_HAND[name], about.bound)
    apart = difference(cursor, ours, hand)
    about.bench.check(not apart, f"{name}: {apart} people differ from the statement by hand")
    return interleaved(ours, hand)


def _everybody(about: Twelve, cursor: psycopg.ClientCursor, name: str, at: datetime) -> Timed:
    """Return the statement that evaluates the rule over everybody."""
    from contacts.segments.moments import moment_at

    everybody = rule_of(about.segments[name]).everybody(moment_at(at))
    return Timed(cursor, everybody.text, everybody.params)


def _ask(about: Twelve) -> None:
    """Ask why for some people, and count each rule as the builder does."""
    from contacts.segments import counting
    from contacts.segments.moments import moment_at
    from contacts.segments.rules.why import why
    from crm.team.models import Role, User

    bench, at, chance = about.bench, moment_at(about.now), Random(9)
    admin = User.objects.create_user("bench@team.example", "pw-pw-pw-pw", name="Bench", role=Role.ADMIN)
    parsed = [rule_of(segment) for segment in about.segments.values()]
    asked = [timed(lambda r=rule: why(r, chance.randrange(1, about.people), at)) for rule in parsed for _ in range(10)]
    bench.record("segments: why, p95", percentile(asked, 0.95) * 1000, "ms", how="one person and rule, in one query")
    estimates = _counted(parsed, lambda rule: counting.estimate(rule, admin, about.now))
    how = f"the first answer, over the twelve rules; largest {max(estimates) * 1000:.0f} ms"
    bench.record("segments: live count, p95", percentile(estimates, 0.95) * 1000, "ms", at_most=150, how=how)
    exact = _counted(parsed, lambda rule: counting.exact(rule, admin, about.now))
    bench.record("segments: exact count, p95", percentile(exact, 0.95) * 1000, "ms", how="over the twelve rules")


def _counted(rules: list[Any], ask: Callable[[Any], Any]) -> list[float]:
    return [timed(lambda r=rule: ask(r)) for rule in rules for _ in range(3)]


def _check_members(about: Twelve) -> None:
    """Compare the members with a full evaluation at the time of the last look."""
    with psycopg.ClientCursor(about.database) as cursor:
        for name, segment in about.segments.items():
            wanted = _everybody(about, cursor, name, about.now + DAY)
            apart = difference(cursor, wanted, Timed(cursor, _MEMBERS, [segment.pk]))
            about.bench.check(not apart, f"{name}: {apart} members differ from a full evaluation")
