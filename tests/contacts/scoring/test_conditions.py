"""Conditions refuse what they cannot use, and say why."""

import pytest

from contacts.scoring.conditions import OPERATORS, BadCondition, parse


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"property": "path"}, "list"),
        (["path"], "property, an operator and a value"),
        ([{"property": "path", "operator": "is", "value": "x", "sql": "1"}], "nothing else"),
        ([{"property": "path", "operator": "like", "value": "x"}], "like"),
        ([{"property": " ", "operator": "is", "value": "x"}], "property is missing"),
        ([{"property": "path", "operator": "is", "value": ""}], "value is missing"),
        ([{"property": "path", "operator": "is", "value": 3}], "texts"),
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


def test_every_operator_is_stored_as_it_was_read():
    raw = [{"property": "depth", "operator": key, "value": "5" if op.read else ""} for key, op in OPERATORS.items()]
    assert [condition.stored() for condition in parse(raw)] == raw


def test_user_text_is_never_part_of_the_sql():
    [condition] = parse([{"property": "a' OR 1=1 --", "operator": "is", "value": "%(x)s'; DROP"}])
    sql, params = condition.sql()
    assert "OR 1=1" not in sql
    assert "DROP" not in sql
    assert params == ["a' OR 1=1 --", "%(x)s'; DROP"]
