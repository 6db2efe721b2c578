"""Bad definitions: each is refused with its place; what is good parses back from what it stores."""

import json

import pytest

from contacts.attributes import definition as attributes
from contacts.lists import membership
from contacts.segments.errors import BadRule, FieldGone
from contacts.segments.rules.parsing import DEEPEST, MOST_NODES, parse
from contacts.segments.rules.tree import Group, Mode
from tests.contacts.segments.conftest import definition

pytestmark = pytest.mark.django_db

CITY = {"field": "city", "operator": "is", "value": "Seoul"}


def refused(raw):
    with pytest.raises(BadRule) as caught:
        parse(raw)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def nested(depth):
    node = CITY
    for _ in range(depth):
        node = {"all": [node]}
    return {"version": 1, "rule": node}


def test_empty_group():
    assert parse(definition()).root == Group(Mode.ALL)


def test_json_text():
    assert parse(json.dumps(definition(CITY))) == parse(definition(CITY))


@pytest.mark.parametrize("raw", [None, 7, [], {}, {"rule": []}, {"version": 2, "rule": {"all": []}}, "{", "[" * 50_000])
def test_no_definition(raw):
    assert refused(raw)


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (7, ()),
        ({}, ()),
        ({"all": 3}, ("all",)),
        ({"all": [], "extra": 1}, ("extra",)),
        ({"field": "city", "operator": "is", "value": "x", "__": 1}, ("__",)),
        ({"field": "nothing", "operator": "is", "value": "x"}, ("field",)),
        ({"field": ["city"], "operator": "is", "value": "x"}, ("field",)),
        ({"field": "city", "operator": "_connector", "value": "x"}, ("operator",)),
        ({"field": "city", "operator": None}, ("operator",)),
        ({"field": "city", "operator": "is"}, ("value",)),
        ({"field": "city", "operator": "is", "value": " "}, ("value",)),
        ({"field": "city", "operator": "is", "value": 5}, ("value",)),
        ({"field": "city", "operator": "is", "value": "x" * 201}, ("value",)),
        ({"field": "city", "operator": "is_any_of", "value": "Seoul"}, ("value",)),
        ({"field": "city", "operator": "is_any_of", "value": []}, ("value",)),
        ({"field": "city", "operator": "is_any_of", "value": ["a", 4]}, ("value", 1)),
        ({"field": "city", "operator": "longer", "value": True}, ("value",)),
        ({"field": "city", "operator": "is", "value": "x", "zone": "contact"}, ("zone",)),
        ({"field": "city", "operator": "is", "value": "a\0b"}, ("value",)),
        ({"field": "city", "operator": "is", "value": "a\ud800"}, ("value",)),
        ({"field": "owner", "operator": "is_any_of", "value": [2**70]}, ("value", 0)),
        ({"field": "tags", "operator": "has_any_of", "value": [True]}, ("value", 0)),
    ],
)
def test_bad_node_is_told_with_its_place(node, path):
    [(found, message)] = refused(definition(CITY, node))
    assert found == ("rule", "all", 1, *path)
    assert message.endswith(".")


def test_every_problem_is_told():
    bad = {"field": "city", "operator": "is"}
    with pytest.raises(BadRule) as caught:
        parse(definition(bad, {"any": [CITY, bad]}))
    assert [problem.place for problem in caught.value.problems] == ["1", "2.2"]
    assert str(caught.value) == "Condition 1: Write a text. Condition 2.2: Write a text."


def test_lenient_leaves_out_what_cannot_be_read():
    rule = parse(definition(CITY, {"field": "city", "operator": "is"}), lenient=True)
    assert rule == parse(definition(CITY))


def test_depth():
    assert parse(nested(DEEPEST))
    [(_path, message)] = refused(nested(DEEPEST + 1))
    assert message == "Groups are nested more than 50 times."
    assert refused(nested(20_000))[0][1] == message


def test_number_of_nodes():
    assert parse(definition(*[CITY] * (MOST_NODES - 1)))
    [(_path, message)] = refused(definition(*[{"all": []}] * 10_000))
    assert message == "A rule has at most 500 conditions and groups; this one has 10001."


def test_length():
    assert refused(definition({**CITY, "value": "x" * 70_000}))[0][1] == "A definition has at most 65536 characters."


def test_what_was_deleted_is_named(team, now):
    attribute = attributes.define("contact", "Plan", "text")
    node = {"field": "attribute.plan", "operator": "is", "value": "pro"}
    tag = membership.tag_named("VIP")
    tagged = {"field": "tags", "operator": "has_any_of", "value": [tag.pk]}
    assert parse(definition(node, tagged))
    attributes.delete(attribute)
    with pytest.raises(FieldGone, match="Condition 1: The field “plan” was deleted\\."):
        parse(definition(node))
    number = tag.pk
    tag.delete()
    with pytest.raises(FieldGone, match=f"Condition 1: tags: “{number}” does not exist"):
        parse(definition(tagged))
