"""Every operator of every type, with and without a value: who matches, by name.

Ann and Bob have values, Cho has none, Dan has those that are easily mistaken: 0, an empty list, signs of LIKE, 29
February, midnight. It is noon of Saturday, 21 November 2026, in Seoul.
"""

from datetime import UTC, datetime

import pytest

from contacts.attributes import definition as attributes
from contacts.lists import membership
from contacts.people.models import Contact
from contacts.scoring.decay import kept
from contacts.scoring.heat import default_model
from contacts.scoring.models import Score
from contacts.segments.rules.operators import OPERATORS
from contacts.segments.rules.value_type import Type
from tests.contacts.segments.conftest import AT

pytestmark = pytest.mark.django_db

_DAY = 20778  # 2026-11-21, in days since 1970
_TIMES = {
    "Ann": datetime(2026, 11, 20, 10, tzinfo=UTC),
    "Bob": datetime(2026, 11, 30, 15, tzinfo=UTC),
    "Dan": datetime(2026, 11, 20, 15, tzinfo=UTC),
}
VALUES = {
    "Ann": {
        "text": "Seoul",
        "number": 12,
        "money": 1500.5,
        "boolean": True,
        "choice": "red",
        "entries": ["tea", "go"],
        "date": _DAY,
    },
    "Bob": {
        "text": "Busan",
        "number": 3,
        "money": -2,
        "boolean": False,
        "choice": "blue",
        "entries": ["tea"],
        "date": _DAY + 10,
    },
    "Cho": {},
    "Dan": {"text": "100% _\\ pure", "number": 0, "money": 0, "choice": "gone", "entries": [], "date": 19782},
}
TAGS = {"VIP": ["Ann", "Bob"], "New": ["Ann"]}
POINTS = {"Ann": 80, "Bob": 30, "Dan": -5}
FIELDS = {"many": "tags", "score": "score", "grade": "grade"}

# fmt: off
CASES = [
    ("text", "is", "SEOUL", "Ann"),
    ("text", "is_not", "Seoul", "Bob Cho Dan"),
    ("text", "is_any_of", ["seoul", "BUSAN"], "Ann Bob"),
    ("text", "is_none_of", ["seoul", "BUSAN"], "Cho Dan"),
    ("text", "contains", "US", "Bob"),
    ("text", "contains", "% _", "Dan"),
    ("text", "contains_not", "us", "Ann Cho Dan"),
    ("text", "starts", "SE", "Ann"),
    ("text", "starts", "100%", "Dan"),
    ("text", "starts_not", "se", "Bob Cho Dan"),
    ("text", "ends", "UL", "Ann"),
    ("text", "ends_not", "ul", "Bob Cho Dan"),
    ("text", "like", "s*u?", "Ann"),
    ("text", "like", "100% _\\*", "Dan"),
    ("text", "like", "%", ""),
    ("text", "like", "__oul", ""),
    ("text", "like_not", "S*u?", "Bob Cho Dan"),
    ("text", "longer", 5, "Dan"),
    ("text", "shorter", 6, "Ann Bob"),
    ("text", "given", None, "Ann Bob Dan"),
    ("text", "missing", None, "Cho"),
    ("number", "equals", 0, "Dan"),
    ("number", "equals", 12.0, "Ann"),
    ("number", "equals_not", 0, "Ann Bob Cho"),
    ("number", "less_than", 3, "Dan"),
    ("number", "at_most", 3, "Bob Dan"),
    ("number", "more_than", 3, "Ann"),
    ("number", "at_least", 3, "Ann Bob"),
    ("number", "between", [0, 3], "Bob Dan"),
    ("number", "between_not", [0, 3], "Ann Cho"),
    ("number", "given", None, "Ann Bob Dan"),
    ("number", "missing", None, "Cho"),
    ("money", "equals", 1500.5, "Ann"),
    ("money", "equals_not", 1500.5, "Bob Cho Dan"),
    ("money", "less_than", 0, "Bob"),
    ("money", "at_most", 0, "Bob Dan"),
    ("money", "more_than", 0, "Ann"),
    ("money", "at_least", 0, "Ann Dan"),
    ("money", "between", [-2, 0], "Bob Dan"),
    ("money", "between_not", [-2, 0], "Ann Cho"),
    ("money", "given", None, "Ann Bob Dan"),
    ("money", "missing", None, "Cho"),
    ("boolean", "yes", None, "Ann"),
    ("boolean", "no", None, "Bob"),
    ("boolean", "yes_not", None, "Bob Cho Dan"),
    ("boolean", "given", None, "Ann Bob"),
    ("boolean", "missing", None, "Cho Dan"),
    ("choice", "is_any_of", ["red", "gone"], "Ann Dan"),
    ("choice", "is_none_of", ["red"], "Bob Cho Dan"),
    ("choice", "given", None, "Ann Bob Dan"),
    ("choice", "missing", None, "Cho"),
    ("entries", "has_any_of", ["go", "none"], "Ann"),
    ("entries", "has_all_of", ["tea", "go"], "Ann"),
    ("entries", "has_exactly", ["tea", "go"], "Ann"),
    ("entries", "has_exactly", ["tea"], "Bob"),
    ("entries", "has_exactly", ["tea", "go", "milk"], ""),
    ("entries", "has_none_of", ["go"], "Bob Cho Dan"),
    ("entries", "count_at_least", 1, "Ann Bob"),
    ("entries", "count_at_least", 0, "Ann Bob Cho Dan"),
    ("entries", "count_at_most", 1, "Bob Cho Dan"),
    ("entries", "filled", None, "Ann Bob"),
    ("entries", "empty", None, "Cho Dan"),
    ("many", "has_any_of", ["New"], "Ann"),
    ("many", "has_all_of", ["VIP", "New"], "Ann"),
    ("many", "has_exactly", ["VIP"], "Bob"),
    ("many", "has_exactly", ["New", "VIP"], "Ann"),
    ("many", "has_exactly", ["New"], ""),
    ("many", "has_none_of", ["New"], "Bob Cho Dan"),
    ("many", "count_at_least", 1, "Ann Bob"),
    ("many", "count_at_least", 0, "Ann Bob Cho Dan"),
    ("many", "count_at_most", 1, "Bob Cho Dan"),
    ("many", "filled", None, "Ann Bob"),
    ("many", "empty", None, "Cho Dan"),
    ("date", "on", "2026-11-21", "Ann"),
    ("date", "before", "2026-11-21", "Dan"),
    ("date", "until", "2026-11-21", "Ann Dan"),
    ("date", "after", "2026-11-21", "Bob"),
    ("date", "from", "2026-11-21", "Ann Bob"),
    ("date", "between", ["2026-11-21", "2026-12-01"], "Ann Bob"),
    ("date", "between_not", ["2026-11-21", "2026-12-01"], "Cho Dan"),
    ("date", "in_period", "today", "Ann"),
    ("date", "in_period", "next_month", "Bob"),
    ("date", "in_period_not", "this_month", "Bob Cho Dan"),
    ("date", "in_last", {"n": 7, "unit": "days"}, "Ann"),
    ("date", "in_last_not", {"n": 7, "unit": "days"}, "Bob Cho Dan"),
    ("date", "more_than_ago", {"n": 1, "unit": "years"}, "Dan"),
    ("date", "in_next", {"n": 10, "unit": "days"}, "Bob"),
    ("date", "in_next", {"n": 9, "unit": "days"}, ""),
    ("date", "in_next_not", {"n": 10, "unit": "days"}, "Ann Cho Dan"),
    ("date", "more_than_ahead", {"n": 9, "unit": "days"}, "Bob"),
    ("date", "days_ago", 0, "Ann"),
    ("date", "days_ahead", 10, "Bob"),
    ("date", "yearly_in_days", 0, "Ann"),
    ("date", "yearly_in_days", 10, "Bob"),
    ("date", "yearly_within_days", 10, "Ann Bob"),
    ("date", "yearly_in_period", "this_month", "Ann"),
    ("date", "yearly_in_months", [2, 12], "Bob Dan"),
    ("date", "given", None, "Ann Bob Dan"),
    ("date", "missing", None, "Cho"),
    ("datetime", "on", "2026-11-20", "Ann"),
    ("datetime", "on", "2026-11-21", "Dan"),
    ("datetime", "before", "2026-11-21", "Ann"),
    ("datetime", "until", "2026-11-21", "Ann Dan"),
    ("datetime", "after", "2026-11-20", "Bob Dan"),
    ("datetime", "from", "2026-11-20T15:00:00+00:00", "Bob Dan"),
    ("datetime", "between", ["2026-11-20", "2026-11-20"], "Ann"),
    ("datetime", "between_not", ["2026-11-20", "2026-11-20"], "Bob Cho Dan"),
    ("datetime", "in_period", "today", "Dan"),
    ("datetime", "in_period", "yesterday", "Ann"),
    ("datetime", "in_period_not", "today", "Ann Bob Cho"),
    ("datetime", "in_last", {"n": 12, "unit": "hours"}, "Dan"),
    ("datetime", "in_last_not", {"n": 12, "unit": "hours"}, "Ann Bob Cho"),
    ("datetime", "more_than_ago", {"n": 12, "unit": "hours"}, "Ann"),
    ("datetime", "in_next", {"n": 10, "unit": "days"}, "Bob"),
    ("datetime", "in_next_not", {"n": 10, "unit": "days"}, "Ann Cho Dan"),
    ("datetime", "more_than_ahead", {"n": 9, "unit": "days"}, "Bob"),
    ("datetime", "days_ago", 1, "Ann"),
    ("datetime", "days_ahead", 10, "Bob"),
    ("datetime", "given", None, "Ann Bob Dan"),
    ("datetime", "missing", None, "Cho"),
    ("score", "at_least", 30, "Ann Bob"),
    ("score", "at_least", 0, "Ann Bob Cho"),
    ("score", "less_than", 30, "Cho Dan"),
    ("score", "between", [0, 30], "Bob Cho"),
    ("score", "between_not", [0, 30], "Ann Dan"),
    ("grade", "is_any_of", ["hot", "cool"], "Ann Cho Dan"),
    ("grade", "is_none_of", ["hot"], "Bob Cho Dan"),
]
# fmt: on


@pytest.fixture
def people(person, now):
    for name in ("text", "number", "money", "date", "datetime", "boolean", "choice", "entries"):
        kind = "list" if name == "entries" else name
        attributes.define("contact", name, kind, ["red", "blue"] if kind == "choice" else ())
    ids = {}
    for name, values in VALUES.items():
        ids[name] = person(name=name).pk
        at = {"datetime": round(_TIMES[name].timestamp() * 1000)} if name in _TIMES else {}
        Contact.objects.filter(pk=ids[name]).update(attributes=values | at)
    for tag, names in TAGS.items():
        membership.tag(membership.tag_named(tag), [ids[name] for name in names], by=None, now=now)
    model = default_model()
    for name, points in POINTS.items():
        total = kept(points, AT.now, anchor=model.anchor, half_life=model.half_life)
        Score.objects.create(model=model, contact_id=ids[name], total=total, last_at=now)
    return ids


def value_of(type_, value):
    if type_ == "many" and isinstance(value, list):
        return [membership.tag_named(name).pk for name in value]
    return value


def test_operators(people, who):
    wrong = []
    for type_, operator, value, names in CASES:
        node = {"field": FIELDS.get(type_, f"attribute.{type_}"), "operator": operator}
        found = who(node | ({} if value is None else {"value": value_of(type_, value)}))
        if found != names:
            wrong.append((type_, operator, value, found))
    assert wrong == []


def test_every_operator_of_every_type_has_a_case():
    assert {(Type(type_), key) for type_, key, *_ in CASES} == {(t, row.key) for row in OPERATORS for t in row.types}
