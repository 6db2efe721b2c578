"""What the bench of segments looks at: people with a year of events, kept between runs, and the twelve segments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from bench.harness import Bench
from bench.kept import FULL, Kind, opened, stored
from bench.segment_campaigns import campaigns
from bench.segment_people import fill
from bench.segment_rules import made, values

SIZES = FULL


@dataclass(frozen=True)
class Twelve:
    """The twelve segments by name, what their statements by hand bind, and the time at which all is asked."""

    bench: Bench
    database: psycopg.Connection
    people: int
    segments: dict[str, Any]
    bound: dict[str, Any]
    now: datetime


def _filled(database: psycopg.Connection, people: int, events: int, now: datetime) -> dict[str, Any]:
    campaign, dispatches = campaigns(now)
    fill(database, people=people, events=events, dispatches=dispatches, now=now)
    return {"campaign": campaign, "dispatches": dispatches[:1], "now": now.isoformat()}


SEGMENT_PEOPLE = Kind("segments", ("segment_people.py", "segment_campaigns.py", "unindexed.py"), _filled)


def run(bench: Bench) -> None:
    """Make the people to be kept, unless they are: `make bench-data`."""
    stored(bench, SEGMENT_PEOPLE)


def filled(bench: Bench) -> dict[str, Any]:
    """Fill the bench's database; return the note of it."""
    return opened(bench, SEGMENT_PEOPLE)


def twelve(bench: Bench, database: psycopg.Connection, note: dict[str, Any]) -> Twelve:
    """Save the twelve segments about the people of `note`; their builds wait."""
    now = datetime.fromisoformat(note["now"])
    bound = values(note["dispatches"], now)
    return Twelve(bench, database, bench.size("people"), made(note["campaign"], bound, now), bound, now)
