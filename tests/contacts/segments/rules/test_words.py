"""Rules in words: the sentence in both languages, the reason a person matches, the cost, the schema."""

import re

import pytest
from django.utils import translation

from contacts.attributes import definition as attributes
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
            "시·군·구가 ‘Seoul’ 또는 ‘Busan’임, 그리고 담당자가 없음",
        ),
        (
            (CITY, {"all": [NEW, COOL]}),
            "any",
            "City is “Seoul” or “Busan”, or (added is in the last 7 days, and heat is not “hot”)",
            "시·군·구가 ‘Seoul’ 또는 ‘Busan’임, 또는 (등록일이 최근 7일 이내임, 그리고 관심도가 ‘높음’이 아님)",
        ),
        (
            (CITY, NEW),
            "none",
            "None of these holds: city is “Seoul” or “Busan”; added is in the last 7 days",
            "다음 중 어느 것에도 해당하지 않음: 시·군·구가 ‘Seoul’ 또는 ‘Busan’임; 등록일이 최근 7일 이내임",
        ),
    ],
)
def test_sentence(nodes, mode, english, korean):
    assert said(*nodes, mode=mode) == english
    assert said(*nodes, mode=mode, language="ko") == korean


@pytest.mark.parametrize(
    ("operator", "korean"),
    [
        ("is_any_of", "시·군·구가 ‘서울’, ‘제주’ 또는 ‘부산’임"),
        ("is_none_of", "시·군·구가 ‘서울’, ‘제주’나 ‘부산’이 아님 (값이 없는 고객 포함)"),
    ],
)
def test_several_values_in_korean(operator, korean):
    node = {"field": "city", "operator": operator, "value": ["서울", "제주", "부산"]}
    assert said(node, language="ko") == korean


def test_all_of_several_values_in_korean():
    attributes.define("contact", "관심사", "list", ())
    for operator, korean in (
        ("has_all_of", "관심사에 ‘회의’와 ‘일정’이 모두 있음"),
        ("has_exactly", "관심사에 ‘회의’와 ‘일정’만 있음"),
        ("has_none_of", "관심사에 ‘회의’나 ‘일정’이 없음 (비어 있는 고객 포함)"),
    ):
        (field,) = (field for field in all_fields() if str(field.label) == "관심사")
        assert said({"field": field.key, "operator": operator, "value": ["회의", "일정"]}, language="ko") == korean


def test_a_remark_in_brackets_does_not_choose_the_particle():
    spent = {"field": "spent", "operator": "at_least", "value": 100_000}
    assert said(spent, language="ko") == "총 구매 금액(환불 제외)이 100,000원 이상임"


def test_days_are_written_as_the_reader_does():
    day = {"field": "birthday", "operator": "from", "value": "2026-11-21"}
    assert said(day) == "Birthday is on or after Sat, Nov 21, 2026"
    assert said(day, language="ko") == "생년월일이 2026. 11. 21. (토) 또는 그 이후임"


def test_codes_are_said_by_name():
    node = {"field": "country", "operator": "is_any_of", "value": ["KR"]}
    assert said(node) == "Country is “South Korea”"
    assert said(node, language="ko") == "국가가 ‘대한민국’임"


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
        ["Sat, Nov 21, 2026 12:00 KST", "cool"],
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
    kim = parse(definition(CITY, {"field": "name", "operator": "contains", "value": "kim"}))
    assert cost(parse(definition(CITY, NEW)), lambda: 10**7) is None
    assert cost(kim, lambda: 99_999) is None
    slow = cost(kim, lambda: 100_000)
    assert slow.reasons == (
        ("name contains “kim”", "No index helps to look inside a text: that of every person is read."),
    )


def test_schema_covers_every_leaf_and_operator():
    published = schema()["$defs"]
    assert {row.reader.widget for row in OPERATORS} == set(VALUES)
    offered = {key for one in published["field"]["anyOf"] for key in one["properties"]["operator"]["enum"]}
    assert offered == {row.key for row in OPERATORS} >= {key for field in all_fields() for key in operators_of(field)}
    assert len(published["node"]["anyOf"]) == 1 + len(LEAVES)
