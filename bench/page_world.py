"""The company that the bench of pages looks at: users of every role, people with all that lists ask for, segments."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg

from bench.harness import Bench
from bench.kept import FULL, Kind, opened, stored
from bench.page_people import OWNERS, RARE_CITY, fill

ALL_SEEING = ("admin", "marketer", "customer_success", "analyst")
# "half" and "rest" share nobody; "some" is one in fifteen, half of whom are in "half".
RULES = {
    "half": {"field": "attribute.age", "operator": "more_than", "value": 47},
    "rest": {"field": "attribute.age", "operator": "at_most", "value": 47},
    "some": {"field": "city", "operator": "is", "value": "Jeju"},
    "rare": {"field": "city", "operator": "is", "value": RARE_CITY},
}

SIZES = FULL


@dataclass(frozen=True)
class World:
    """The numbers of what was made, and the time it was made at."""

    people: int
    tags: Mapping[str, int]
    lists: Mapping[str, int]
    segments: Mapping[str, int]
    owners: list[int]
    stages: list[int]
    now: datetime


def _prepared(database: psycopg.Connection, people: int, events: int, now: datetime) -> dict[str, Any]:
    """Make users, people and segments, and build the segments through the real path."""
    from bench.segment_campaigns import campaigns
    from contacts.ledger.follow import catch_up
    from contacts.models import Stage, StageRule
    from crm.team.models import Role, User

    logging.getLogger("crm.kit.wake").setLevel(logging.ERROR)  # there is no broker here
    StageRule.objects.all().delete()  # people stay at the stages in which they were written
    catch_up(now)  # a follower that is new begins with the first event: let all be known before there is one
    for role in ALL_SEEING:
        User.objects.create_user(f"{role}@team.example", None, name=role, role=role)
    owners = [
        User.objects.create_user(f"rep{n}@team.example", None, name=f"Rep {n}", role=Role.SALES_REP, language="ko").pk
        for n in range(OWNERS)
    ]
    tags, lists = fill(database, people=people, events=events, dispatches=campaigns(now)[1], now=now)
    segments = _built(now)
    database.execute("VACUUM ANALYZE contacts_membership")
    stages = Stage.objects.filter(model__in_use=True).values_list("pk", flat=True)
    return asdict(World(people, tags, lists, segments, owners, list(stages), now))


COMPANY = Kind(
    "pages",
    ("page_people.py", "page_world.py", "segment_campaigns.py", "segment_people.py", "unindexed.py"),
    _prepared,
)


def run(bench: Bench) -> None:
    """Make the company to be kept, unless it is: `make bench-data`."""
    stored(bench, COMPANY)


def company(bench: Bench) -> World:
    """Fill the bench's database, from what an earlier run kept, else anew."""
    note = opened(bench, COMPANY)
    return World(**{**note, "now": datetime.fromisoformat(str(note["now"]))})


def _built(now: datetime) -> dict[str, int]:
    from contacts.attributes import definition as attributes
    from contacts.segments import building, saving
    from contacts.segments.models import Segment
    from contacts.segments.saving import Draft

    attributes.define("contact", "Plan", "choice", ["pro", "free"])
    attributes.define("contact", "Age", "number")
    made = {
        name: saving.create(Draft(name, "", {"version": 1, "rule": {"all": [rule]}}), by=None, now=now).pk
        for name, rule in RULES.items()
    }
    while building.run_due(lambda: now):
        pass
    assert not Segment.objects.exclude(state="ready").exists()
    return made
