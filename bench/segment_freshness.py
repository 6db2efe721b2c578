"""Keeping the twelve segments right: touched people are looked at anew, time passes with nobody touched."""

import statistics
from datetime import datetime, timedelta
from random import Random

from bench.harness import timed
from bench.segment_rules import DAY
from bench.segment_world import Twelve

_TOUCH = "INSERT INTO contacts_segmenttouch (contact_id) SELECT unnest(%s::bigint[])"


def refresh_touched(twelve: Twelve) -> None:
    """Touch people for all twelve and look at them anew."""
    chance = Random(7)
    _refreshed(twelve, chance, 100)
    for count, rounds, most in ((10_000, 3, 1000), (100, 9, 30), (1, 9, None)):
        took = statistics.median(_refreshed(twelve, chance, count) for _ in range(rounds))
        how = "scalar forms in statements of 1,000 people, with the diff"
        name = f"segments: refresh of {count:,} touched × 12"
        twelve.bench.record(name, took * 1000, "ms", at_most=most, how=how)


def _refreshed(twelve: Twelve, chance: Random, count: int) -> float:
    """Touch so many people drawn at random; return the seconds of the look at them."""
    twelve.database.execute(_TOUCH, [chance.sample(range(1, twelve.people + 1), count)])
    return timed(lambda: _look(twelve.now))


def _look(now: datetime) -> None:
    from contacts.segments.refreshing import refresh

    while refresh(now):
        pass


def let_time_pass(twelve: Twelve) -> None:
    """Let a minute pass, and then a day, with nobody touched."""
    for name, passed, most in (("a minute", timedelta(minutes=1), 50), ("a day", DAY, None)):
        rounds = [_passed(twelve, twelve.now + passed) for _ in range(3)]
        took = statistics.median(seconds for seconds, _ in rounds)
        how = f"candidates of all 12 and the look at them; {rounds[0][1]} candidates at first"
        twelve.bench.record(f"segments: {name} of time flips", took * 1000, "ms", at_most=most, how=how)


def _passed(twelve: Twelve, later: datetime) -> tuple[float, int]:
    """Return the seconds that time until `later` costs, and how many people it made candidates."""
    from contacts.segments import flips

    twelve.database.execute("UPDATE contacts_segment SET flipped_to = %s", [twelve.now])
    touched: list[int] = []

    def flipped() -> None:
        touched.append(flips.flip(later))
        _look(later)

    return timed(flipped), touched[0]
