"""Random trees over fields at random moments: both forms of SQL and the oracle in plain Python give the same people.

And nobody's answer changes by time alone without her being among the candidates. Moments lie around leap days, changes
of daylight saving time and turns of the year; people live in zones from -11 to +14 hours.
"""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.attributes import definition as attributes
from contacts.people.models import Contact
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.parsing import parse
from tests.contacts.segments.conftest import ids, matching
from tests.contacts.segments.oracle import Person, World
from tests.contacts.segments.oracle_fields import Known, holds

pytestmark = pytest.mark.django_db

ZONES = (
    "America/New_York",
    "Asia/Seoul",
    "Europe/Berlin",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
)
TEXTS = ["Seoul", "seoul", "BUSAN", "100%", "a_b", "대구", "x" * 9]
WORDS = [
    *(f"{a}_{b}" for a in ("this", "last", "next") for b in ("week", "month", "quarter", "year")),
    "today",
    "yesterday",
    "tomorrow",
]
TURNS = [
    date(2024, 2, 28),
    date(2026, 2, 28),
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 12, 31),
]
POPULATION = 60


def a_day(rnd):
    return rnd.choice(TURNS) + timedelta(days=rnd.choice([-366, -31, -7, -1, 0, 1, 2, 7, 30, 365]))


def facts_of(rnd):
    """Return facts for some of the fields; about a third is missing."""
    drawn = {
        "city": rnd.choice(TEXTS),
        "birthday": rnd.choice([a_day(rnd), date(2000, 2, 29), date(1996, 2, 29)]),
        "created_at": datetime.combine(a_day(rnd), datetime.min.time(), UTC)
        + timedelta(minutes=rnd.randrange(0, 2880, 30)),
        "attribute.seats": rnd.choice([-1, 0, 1, 2.5, 3]),
        "attribute.member": rnd.random() < 0.5,
        "attribute.plan": rnd.choice(["pro", "free"]),
        "attribute.likes": rnd.sample(["tea", "go", "art"], rnd.randrange(1, 4)),
        "attribute.renewal": a_day(rnd),
    }
    return {key: value for key, value in drawn.items() if key == "created_at" or rnd.random() < 0.7}


def stored(facts):
    values = {key.removeprefix("attribute."): value for key, value in facts.items() if key.startswith("attribute.")}
    if "renewal" in values:
        values["renewal"] = (values["renewal"] - date(1970, 1, 1)).days
    return values


@pytest.fixture
def world(db):
    for label, kind in (
        ("Seats", "number"),
        ("Member", "boolean"),
        ("Plan", "choice"),
        ("Likes", "list"),
        ("Renewal", "date"),
    ):
        attributes.define("contact", label, kind, ["pro", "free"] if kind == "choice" else ())
    rnd = random.Random(20261121)
    known = [Known(facts_of(rnd), rnd.choice([*ZONES, ""])) for _ in range(POPULATION)]
    rows = Contact.objects.bulk_create(
        Contact(
            name=str(number), time_zone=one.zone, city=one.facts.get("city", ""), birthday=one.facts.get("birthday"),
            created_at=one.facts["created_at"], attributes=stored(one.facts),
        )
        for number, one in enumerate(known)
    )  # fmt: skip
    of = {row.pk: one for row, one in zip(rows, known, strict=True)}
    return World(
        [Person(id=pk, deeds=[], created_at=one.facts["created_at"]) for pk, one in of.items()],
        lambda person, node, at: holds(of[person.id], node, at),
    )


# --- strategies -----------------------------------------------------------------------------------------------------
days = st.sampled_from(TURNS).flatmap(lambda day: st.integers(-3, 3).map(lambda n: day + timedelta(days=n)))
spans = st.builds(
    lambda n, unit: {"n": n, "unit": unit},
    st.integers(1, 40),
    st.sampled_from(["minutes", "hours", "days", "weeks", "months", "years"]),
)
numbers = st.sampled_from([-1, 0, 1, 2.5, 3])
zone = st.sampled_from([{}, {"zone": "contact"}])


def node_of(field, operator, value, more):
    return {"field": field, "operator": operator, **more} | ({} if value is None else {"value": value})


def leaf(field, operators, values, more=None):
    return st.builds(node_of, st.just(field), st.sampled_from(operators), values, st.just({}) if more is None else more)


def dated(field, *, yearly):
    iso = days.map(date.isoformat)
    pairs = st.tuples(days, days).map(lambda pair: [day.isoformat() for day in sorted(pair)])
    kinds = [
        leaf(field, ["on", "before", "until", "after", "from"], iso, zone),
        leaf(field, ["between", "between_not"], pairs, zone),
        leaf(field, ["in_period", "in_period_not"], st.sampled_from(WORDS), zone),
        leaf(
            field, ["in_last", "in_last_not", "in_next", "in_next_not", "more_than_ago", "more_than_ahead"], spans, zone
        ),
        leaf(field, ["days_ago", "days_ahead"], st.integers(0, 40), zone),
        leaf(field, ["given", "missing"], st.none()),
    ]
    if yearly:
        kinds += [
            leaf(field, ["yearly_in_days", "yearly_within_days"], st.integers(0, 365), zone),
            leaf(field, ["yearly_in_period"], st.sampled_from(WORDS), zone),
            leaf(field, ["yearly_in_months"], st.lists(st.integers(1, 12), min_size=1)),
        ]
    return st.one_of(kinds)


BY_TEXT = ["is", "is_not", "contains", "contains_not", "starts", "starts_not", "ends", "ends_not", "like", "like_not"]
likes = st.lists(st.sampled_from(["tea", "go", "art"]), min_size=1)
texts = st.sampled_from([*TEXTS, "SE", "o", "%", "_", "\\", "1*", "?_?"])
leaves = st.one_of(
    leaf("city", BY_TEXT, texts),
    leaf("city", ["is_any_of", "is_none_of"], st.lists(texts, min_size=1, max_size=3)),
    leaf("city", ["longer", "shorter"], st.integers(0, 10)),
    leaf("city", ["given", "missing"], st.none()),
    leaf("attribute.seats", ["equals", "equals_not", "less_than", "at_most", "more_than", "at_least"], numbers),
    leaf("attribute.seats", ["between", "between_not"], st.tuples(numbers, numbers).map(sorted)),
    leaf("attribute.member", ["yes", "no", "yes_not", "given", "missing"], st.none()),
    leaf("attribute.plan", ["is_any_of", "is_none_of"], st.lists(st.sampled_from(["pro", "free"]), min_size=1)),
    leaf("attribute.likes", ["has_any_of", "has_all_of", "has_exactly", "has_none_of"], likes),
    leaf("attribute.likes", ["count_at_least", "count_at_most"], st.integers(0, 3)),
    leaf("attribute.likes", ["filled", "empty"], st.none()),
    dated("birthday", yearly=True),
    dated("attribute.renewal", yearly=True),
    dated("created_at", yearly=False),
)  # fmt: skip
groups = st.recursive(
    leaves,
    lambda children: st.builds(
        lambda mode, nodes: {mode: nodes}, st.sampled_from(["all", "any", "none"]), st.lists(children, max_size=3)
    ),
    max_leaves=6,
)
rules = st.builds(
    lambda mode, nodes: {"version": 1, "rule": {mode: nodes}},
    st.sampled_from(["all", "any", "none"]),
    st.lists(groups, min_size=1, max_size=3),
)


def moment(day, minutes, company):
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=minutes)
    return Moment(now, ZoneInfo(company), ZONES)


moments = st.builds(moment, days, st.integers(0, 1439), st.sampled_from(["Asia/Seoul", "America/New_York"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=rules, at=moments, minutes=st.sampled_from([1, 15, 60, 1440, 10_000]))
def test_sql_is_the_oracle_and_time_is_foreseen(world, rule, at, minutes):
    parsed = parse(rule)
    now = matching(parsed, at)
    assert now == world.matching(rule, at)
    later = Moment(at.now + timedelta(minutes=minutes), at.zone, at.zones)
    candidates = set().union(*(ids(sql) for sql in parsed.crossings(at, later)))
    assert now ^ world.matching(rule, later) <= candidates


def test_anniversaries_day_by_day(world):
    """A leap year's end of February and a common one's, and the turn of the year, each at an odd hour."""
    for first in (date(2024, 2, 26), date(2026, 2, 26), date(2026, 12, 30)):
        for shift in range(5):
            at = moment(first + timedelta(days=shift), 13 * 60 + 7, "Asia/Seoul")
            later = Moment(at.now + timedelta(days=1), at.zone, at.zones)
            for operator, value in (("yearly_in_days", 0), ("yearly_in_days", 1), ("yearly_within_days", 2)):
                for more in ({}, {"zone": "contact"}):
                    node = node_of("birthday", operator, value, more)
                    rule = {"version": 1, "rule": {"all": [node]}}
                    parsed = parse(rule)
                    found = world.matching(rule, at)
                    assert matching(parsed, at) == found, (at, node)
                    candidates = set().union(*(ids(sql) for sql in parsed.crossings(at, later)))
                    assert found ^ world.matching(rule, later) <= candidates, (at, node)
