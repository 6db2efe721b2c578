"""Conditions refuse what they cannot use, and say why."""

import json

import pytest
from django.db import connection

from contacts.ledger.comparisons import OPERATORS, BadCondition
from contacts.ledger.conditions import parse


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"property": "path"}, "list"),
        (["path"], "property, an operator and a value"),
        ([{"property": "path", "operator": "is", "value": "x", "sql": "1"}], "nothing else"),
        ([{"property": "path", "operator": "like", "value": "x"}], "like"),
        ([{"property": " ", "operator": "is", "value": "x"}], "property is missing"),
        ([{"property": "path", "operator": "is", "value": ""}], "value is missing"),
        ([{"property": "path", "operator": "is", "value": True}], "texts"),
        ([{"property": "path", "operator": "is", "value": ["x"]}], "another kind of value"),
        ([{"property": "path", "operator": "any_of", "value": "x"}], "another kind of value"),
        ([{"property": "path", "operator": "any_of", "value": []}], "value is missing"),
        ([{"property": "path", "operator": "any_of", "value": ["x", {}]}], "texts"),
        ([{"property": "path", "operator": "between", "value": ["1"]}], "Two numbers"),
        ([{"property": "path", "operator": "before", "value": "today"}], "today"),
        ([{"property": "path", "operator": "is", "value": "a\0b"}], "texts"),
        ([{"property": "p" * 201, "operator": "is", "value": "x"}], "200"),
        ([{"property": "depth", "operator": "at_least", "value": "many"}], "many"),
        ([{"property": "depth", "operator": "at_least", "value": "NaN"}], "NaN"),
        ([{"property": "depth", "operator": "given", "value": ""}] * 21, "20"),
    ],
)
def test_what_is_refused(raw, said):
    with pytest.raises(BadCondition, match=said):
        parse(raw)


VALUES = {
    "any_of": ["a", "b"],
    "none_of": ["a"],
    "between": ["1", "9.5"],
    "before": "2026-11-21",
    "since": "2026-11-21",
}


def value_for(operator):
    return VALUES.get(operator.key, "5" if operator.read else "")


def test_every_operator_is_stored_as_it_was_read():
    raw = [{"property": "depth", "operator": key, "value": value_for(op)} for key, op in OPERATORS.items()]
    assert [condition.stored() for condition in parse(raw)] == raw


def test_conditions_are_read_back_in_words():
    raw = [
        {"property": "plan", "operator": "any_of", "value": ["pro", "team", "max"]},
        {"property": "seats", "operator": "between", "value": [5, 10]},
    ]
    assert [str(condition) for condition in parse(raw)] == [
        "plan is one of pro, team or max",
        "seats is between 5 and 10",
    ]


FACTS = [
    {}, {"x": None}, {"x": ""}, {"x": "5"}, {"x": 5}, {"x": 5.5}, {"x": "Five"}, {"x": "50% off_\\"}, {"x": ["5", "6"]},
    {"x": "2026-11-20"}, {"x": "2026-11-21T23:00+09:00"}, {"x": "2026-02-31"}, {"x": "today"}, {"x": True},
    {"x": {"y": 1}},
]  # fmt: skip
CASES = [
    ("is", "5", {"5", "5n"}),
    ("is", "FIVE", {"five"}),
    ("is_not", "5", {"-", "null", "", "5.5", "five", "odd", "list", "day", "time", "bad", "today", "true", "object"}),
    ("any_of", ["FIVE", "5.5"], {"five", "5.5"}),
    (
        "none_of",
        ["FIVE", "5"],
        {"-", "null", "", "5.5", "odd", "list", "day", "time", "bad", "today", "true", "object"},
    ),
    ("contains", "IV", {"five"}),
    ("contains_not", "5", {"-", "null", "", "five", "day", "time", "bad", "today", "true", "object"}),
    ("starts", "2026-11", {"day", "time"}),
    ("matches", "*0% OFF_*", {"odd"}),
    ("matches", "5_", set()),
    ("matches", "2026-*-2*", {"day", "time"}),
    ("has", "5", {"list"}),
    ("more_than", "5", {"5.5"}),
    ("at_least", "5", {"5n", "5.5"}),
    ("less_than", "5.5", {"5n"}),
    ("at_most", "5.5", {"5n", "5.5"}),
    ("between", ["6", "5"], {"5n", "5.5"}),
    ("before", "2026-11-21", {"day"}),
    ("since", "2026-11-21", {"time"}),
    ("given", "", {"5", "5n", "5.5", "five", "odd", "list", "day", "time", "bad", "today", "true", "object"}),
    ("missing", "", {"-", "null", ""}),
]
NAMES = ["-", "null", "", "5", "5n", "5.5", "five", "odd", "list", "day", "time", "bad", "today", "true", "object"]


@pytest.mark.django_db
@pytest.mark.parametrize(("operator", "value", "expected"), CASES)
def test_what_every_operator_matches(operator, value, expected):
    [condition] = parse([{"property": "x", "operator": operator, "value": value}])
    sql, params = condition.sql()
    rows = " UNION ALL ".join("SELECT %s AS name, %s::jsonb AS properties" for _ in FACTS)
    with connection.cursor() as cursor:
        facts = [part for name, fact in zip(NAMES, FACTS, strict=True) for part in (name, json.dumps(fact))]
        cursor.execute(f"SELECT name FROM ({rows}) AS e WHERE {sql}", [*facts, *params])
        assert {name for (name,) in cursor.fetchall()} == expected


def test_every_operator_has_a_case():
    assert {operator for operator, _, _ in CASES} == set(OPERATORS)


def test_user_text_is_never_part_of_the_sql():
    [condition] = parse([{"property": "a' OR 1=1 --", "operator": "is", "value": "%(x)s'; DROP"}])
    sql, params = condition.sql()
    assert "OR 1=1" not in sql
    assert "DROP" not in sql
    assert params == ["a' OR 1=1 --", "%(x)s'; DROP"]
