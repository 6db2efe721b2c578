"""Rules in words: the sentence in both languages, the reason a person matches, the cost, the schema."""

import re

import pytest
from django.utils import translation

from contacts.people.models import Contact
from contacts.segments.rules.cost import cost
from contacts.segments.rules.fields.named import all_fields
from contacts.segments.rules.operators import OPERATORS, operators_of
from contacts.segments.rules.parsing import LEAVES, parse
from contacts.segments.rules.schema import VALUES, schema
from contacts.segments.rules.tree import Mode
from contacts.segments.rules.why import Trace, why
from tests.contacts.segments.conftest import AT, definition, ids

pytestmark = pytest.mark.django_db

CITY = {"field": "city", "operator": "is_any_of", "value": ["Seoul", "Busan"]}
NO_OWNER = {"field": "owner", "operator": "missing"}
NEW = {"field": "created_at", "operator": "in_last", "value": {"n": 7, "unit": "days"}}
COOL = {"field": "grade", "operator": "is_none_of", "value": ["hot"]}


def said(*nodes, mode="all", language="en"):
    with translation.override(language):
        return parse(definition(*nodes, mode=mode)).sentence()


@pytest.mark.parametrize(
    ("nodes", "mode", "english", "korean"),
    [
        ((), "all", "Everybody", "모든 고객"),
        ((), "any", "No one", "해당 고객 없음"),
        (
            (CITY, NO_OWNER),
            "all",
            "City is “Seoul” or “Busan”, and owner is missing",
            "시·군·구가 “Seoul” 또는 “Busan”임, 그리고 담당자가 없음",
        ),
        (
            (CITY, {"all": [NEW, COOL]}),
            "any",
            "City is “Seoul” or “Busan”, or (added is in the last 7 days, and heat is not Hot)",
            "시·군·구가 “Seoul” 또는 “Busan”임, 또는 (등록일이 최근 7일 이내임, 그리고 관심도가 관심 높음이 아님)",
        ),
        (
            (CITY, NEW),
            "none",
            "None of these holds: city is “Seoul” or “Busan”; added is in the last 7 days",
            "다음 중 어느 것에도 해당하지 않음: 시·군·구가 “Seoul” 또는 “Busan”임; 등록일이 최근 7일 이내임",
        ),
    ],
)
def test_sentence(nodes, mode, english, korean):
    assert said(*nodes, mode=mode) == english
    assert said(*nodes, mode=mode, language="ko") == korean


def test_sentence_of_many_values():
    many = {**CITY, "value": [str(number) for number in range(20)]}
    assert said(many) == "City is “0”, “1”, “2”, “3”, “4”, “5” or 14 more"


def test_every_operator_and_field_is_said_in_both_languages():
    for operator in OPERATORS:
        for text in (operator.label, operator.pattern):
            with translation.override("ko"):
                assert re.search("[가-힣]", str(text)), operator
        assert "%(field)s" in str(operator.pattern)
        assert ("%(value)s" in str(operator.pattern)) == (operator.reader.widget != "none"), operator
        if operator.negates:
            assert re.search(r"missing|empty|is not between$|is none of$", str(operator.label)), operator
    for field in all_fields():
        with translation.override("ko"):
            assert re.search("[가-힣]", str(field.label)), field.key


def test_why(crowd, team):
    rule = parse(definition(CITY, {"field": "owner", "operator": "given"}, {"any": [NEW, COOL]}, mode="any"))
    trace = why(rule, crowd.lee.pk, AT)
    assert [child.met for child in trace.children] == [True, True, True]
    city, owner, group = trace.children
    assert city == Trace(True, "city is “Seoul” or “Busan”", "부산")
    assert owner == Trace(True, "owner is given", "Rita")
    assert (group.mode, [child.value for child in group.children]) == (
        Mode.ANY,
        ["Sat, Nov 21, 2026 12:00 KST", "Cool"],
    )
    for person in Contact.objects.all():
        for mode in Mode:
            rule = parse(definition(CITY, NO_OWNER, {"none": [NEW]}, mode=mode.value))
            assert why(rule, person.pk, AT).met == (person.pk in ids(rule.everybody(AT)))


def test_why_is_one_query(crowd, django_assert_num_queries):
    rule = parse(definition(*[CITY, NEW] * 100))
    with django_assert_num_queries(1):
        assert not why(rule, crowd.kim.pk, AT).met
    with pytest.raises(Contact.DoesNotExist):
        why(rule, 10**9, AT)


def test_cost():
    assert cost(parse(definition(CITY, NEW))) is None
    slow = cost(parse(definition(CITY, {"field": "name", "operator": "contains", "value": "kim"})))
    assert slow.reasons == (
        ("name contains “kim”", "No index helps to look inside a text: that of every person is read."),
    )


def test_schema_covers_every_leaf_and_operator():
    published = schema()["$defs"]
    assert {row.reader.widget for row in OPERATORS} == set(VALUES)
    offered = {key for one in published["field"]["anyOf"] for key in one["properties"]["operator"]["enum"]}
    assert offered == {row.key for row in OPERATORS} >= {key for field in all_fields() for key in operators_of(field)}
    assert len(published["node"]["anyOf"]) == 1 + len(LEAVES)
