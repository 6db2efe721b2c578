"""What people did: amounts, windows, subjects and conditions, by name; both forms agree (see conftest)."""

# ruff: noqa: E501 - tables

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from contacts.commerce import orders
from contacts.commerce.models import Product
from contacts.commerce.orders import Line
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.lists import membership
from contacts.segments.errors import BadRule, FieldGone
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.why import why
from contacts.stages.models import Stage
from contacts.stages.moving import move
from tests.contacts.segments.conftest import AT, definition, ids

pytestmark = pytest.mark.django_db
NOW = AT.now


def event(contact, kind, *ago, subject=None, value=None, **properties):
    return [
        NewEvent(contact.pk, kind, NOW - timedelta(days=days), subject, value, dict(properties)) for days in ago
    ]  # fmt: skip


@pytest.fixture
def people(person, team):
    """Ann opens and views much, Bob opened once long ago, Cho did nothing, Dan buys."""
    ann, bob, cho, dan = (
        person(name=name, email=f"{name.lower()}@x.example.com") for name in ("Ann", "Bob", "Cho", "Dan")
    )
    lamp, desk = (Product.objects.create(key=key, name=key.title()) for key in ("lamp", "desk"))
    append(
        [
            *event(ann, "mail.opened", 1, 5, 20, 40, subject=("dispatch", "7")),
            *event(ann, "page.viewed", 2, 10, subject=("page", "/pricing"), path="/pricing", seconds=30),
            *event(ann, "page.viewed", 3, subject=("page", "/"), path="/", seconds=5),
            *event(bob, "mail.opened", 200, subject=("dispatch", "8")),
            *event(bob, "product.viewed", 3, subject=("product", str(lamp.pk)), name="Lamp"),
            *event(dan, "cart.updated", 6),
            *event(ann, "form.submitted", 8),
        ],
        source="t",
        now=NOW,
    )
    for key, lines, days in (("o1", [(lamp, 2, 30)], 90), ("o2", [(lamp, 1, 30), (desk, 1, 100)], 5)):
        at = NOW - timedelta(days=days)
        orders.place(key, dan.pk, [Line(p, n, Decimal(price)) for p, n, price in lines], placed_at=at, now=NOW)
    move([ann.pk], Stage.objects.order_by("pk").first(), cause="person", by=None, now=NOW - timedelta(days=8))
    catch_up(NOW)
    return {"ann": ann, "bob": bob, "cho": cho, "dan": dan, "lamp": lamp, "desk": desk}


def last(n, unit="days"):
    return {"last": {"n": n, "unit": unit}}


def times(operator, n=None, to=None):
    return {"operator": operator} | ({} if n is None else {"n": n}) | ({} if to is None else {"to": to})


EVERYBODY = "Ann Bob Cho Dan"


OFTEN = [
        ("mail.opened", None, None, "Ann Bob"),
        ("mail.opened", times("at_least", 2), None, "Ann"),
        ("mail.opened", times("exactly", 1), None, "Bob"),
        ("mail.opened", times("exactly", 0), None, "Cho Dan"),
        ("mail.opened", times("at_most", 1), None, "Bob Cho Dan"),
        ("mail.opened", times("never"), None, "Cho Dan"),
        ("mail.opened", times("between", 1, 3), None, "Bob"),
        ("mail.opened", times("between", 0, 3), None, "Bob Cho Dan"),
        ("mail.opened", times("at_least", 0), None, EVERYBODY),
        ("mail.opened", None, last(30), "Ann"),
        ("mail.opened", None, last(1), "Ann"),  # from exactly a day ago
        ("mail.opened", times("at_least", 3), last(30), "Ann"),
        ("mail.opened", times("at_least", 4), last(30), ""),
        ("mail.opened", times("exactly", 3), last(30), "Ann"),
        ("mail.opened", times("at_most", 3), last(30), EVERYBODY),
        ("mail.opened", times("at_most", 2), last(30), "Bob Cho Dan"),
        ("mail.opened", times("never"), last(30), "Bob Cho Dan"),
        ("mail.opened", times("at_least", 1), {"more_than_ago": {"n": 3, "unit": "months"}}, "Bob"),
        ("mail.opened", times("never"), {"more_than_ago": {"n": 30, "unit": "days"}}, "Cho Dan"),
        ("mail.opened", times("exactly", 2), {"ago": {"from": {"n": 3, "unit": "weeks"}, "to": {"n": 2, "unit": "days"}}}, "Ann"),
        ("mail.opened", times("at_least", 2), {"calendar": "this_month"}, "Ann"),
        ("mail.opened", None, {"calendar": "yesterday"}, "Ann"),
        ("mail.opened", None, {"calendar": "today"}, ""),
        ("mail.opened", None, {"before": "2026-06-01"}, "Bob"),
        ("mail.opened", times("never"), {"after": "2026-06-01"}, "Bob Cho Dan"),
        ("mail.opened", None, {"between": ["2026-05-01", "2026-05-06"]}, "Bob"),
        ("page.viewed", None, {"since_stage": True}, "Ann"),
        ("page.viewed", times("exactly", 2), {"since_stage": True}, "Ann"),
        ("page.viewed", times("never"), {"since_stage": True}, "Bob Cho Dan"),
        ("form.submitted", None, {"since_stage": True}, "Ann"),  # at the same moment
    ("order.placed", None, {"after_creation": {"n": 1, "unit": "days"}}, "Dan"),
    ("order.placed", times("never"), {"after_creation": {"n": 1, "unit": "hours"}}, "Ann Bob Cho"),
    ("mail.opened", times("at_least", 2), {"since": {"did": "page.viewed", "which": "first"}}, "Ann"),
        ("mail.opened", None, {"since": {"did": "page.viewed", "which": "last"}}, "Ann"),
        ("order.placed", None, {"since": {"did": "order.placed", "which": "last"}}, ""),
        ("order.placed", times("exactly", 1), {"since": {"did": "order.placed", "which": "first"}}, "Dan"),
        ("any", None, last(30), "Ann Bob Dan"),
        ("any", times("never"), last(30), "Cho"),
        ("any", times("at_least", 6), last(30), "Ann"),
        ("any", None, None, "Ann Bob Dan"),
    ]  # fmt: skip


def test_how_often_and_when(people, who):
    for kind, amount, window, names in OFTEN:
        node = {"did": kind} | ({"times": amount} if amount else {}) | ({"window": window} if window else {})
        assert (node, who(node)) == (node, names)


MUCH = [
        ("order.placed", "value", "sum", "more_than", 189, "Dan"),
        ("order.placed", "value", "sum", "more_than", 190, ""),
        ("order.placed", "value", "sum", "less_than", 100, "Ann Bob Cho"),
        ("order.placed", "value", "average", "exactly", 95, "Dan"),
        ("order.placed", "value", "average", "less_than", 95, ""),
        ("order.placed", "value", "smallest", "between", [60, 50], "Dan"),
        ("order.placed", "value", "largest", "at_least", 130, "Dan"),
        ("order.placed", "value", "first", "exactly", 60, "Dan"),
        ("order.placed", "value", "last", "exactly", 130, "Dan"),
        ("page.viewed", "seconds", "sum", "at_least", 65, "Ann"),
        ("page.viewed", "seconds", "average", "more_than", 21.6, "Ann"),
        ("page.viewed", "path", "distinct", "exactly", 2, "Ann"),
        ("page.viewed", "path", "distinct", "at_most", 1, "Bob Cho Dan"),
        ("page.viewed", "path", "last", "is", "/PRICING", "Ann"),
        ("page.viewed", "path", "first", "contains", "pric", "Ann"),
        ("page.viewed", "path", "sum", "at_least", 0, EVERYBODY),  # no number at all: 0
        ("page.viewed", "nothing", "largest", "at_least", 0, ""),
    ("page.viewed", "nothing", "average", "at_most", 5, ""),
    ]  # fmt: skip


def test_how_much(people, who):
    for kind, of, by, operator, value, names in MUCH:
        node = {"did": kind, "measure": {"of": of, "by": by, "operator": operator, "value": value}}
        assert (node, who(node)) == (node, names)
        assert (node, who(node | {"window": last(1, "years")})) == (node, names)


def test_on_a_subject(people, who):
    lamp, desk = ({"type": "product", "keys": [str(people[key].pk)]} for key in ("lamp", "desk"))
    assert who({"did": "product.viewed", "on": lamp}) == "Bob"
    assert who({"did": "product.viewed", "on": lamp, "window": last(2)}) == ""
    assert who({"did": "product.viewed", "on": lamp, "window": last(4)}) == "Bob"
    assert who({"did": "product.viewed", "on": lamp, "times": times("never")}) == "Ann Cho Dan"
    assert who({"did": "product.viewed", "on": desk}) == ""
    assert who({"did": "product.viewed", "on": lamp, "first": True, "window": last(4)}) == "Bob"
    assert who({"did": "product.viewed", "on": lamp, "first": True, "window": last(2)}) == ""
    [told] = why(parse(definition({"did": "product.viewed", "on": lamp})), people["bob"].pk, AT).children
    assert (told.met, told.value) == (True, "1 time, last on Wed, Nov 18, 2026 12:00 KST")
    assert who({"did": "order.placed", "on": lamp, "times": times("at_least", 2)}) == "Dan"
    assert who({"did": "order.placed", "on": desk, "times": times("exactly", 1)}) == "Dan"
    pages = {"type": "page", "keys": ["/pricing", "/none"]}
    assert who({"did": "page.viewed", "on": pages, "times": times("exactly", 2)}) == "Ann"


def test_with_conditions(people, who):
    pricing = [{"property": "path", "operator": "matches", "value": "/pric*"}]
    assert who({"did": "page.viewed", "where": pricing, "times": times("exactly", 2)}) == "Ann"
    assert who({"did": "page.viewed", "where": pricing, "times": times("never"), "window": last(9)}) == "Bob Cho Dan"
    long = [{"property": "seconds", "operator": "between", "value": [20, 40]}]
    assert who({"did": "page.viewed", "where": pricing + long, "window": last(3)}) == "Ann"


FIRST = [
    ({"did": "page.viewed", "on": {"type": "page", "keys": ["/"]}, "window": last(4)}, "Ann"),
        ({"did": "order.placed", "window": last(100)}, "Dan"),
        ({"did": "order.placed", "window": last(30)}, ""),
        ({"did": "mail.opened", "window": last(41)}, "Ann"),
        ({"did": "mail.opened", "window": {"since_stage": True}}, ""),
        ({"did": "page.viewed", "window": {"since_stage": True}}, ""),
        (
            {"did": "page.viewed", "window": last(4), "where": [{"property": "path", "operator": "is", "value": "/"}]},
            "Ann",
        ),
        ({"did": "any", "window": last(50)}, "Ann"),
    ({"did": "any", "window": last(4)}, ""),
    ]  # fmt: skip


def test_for_the_first_time_ever(people, who):
    assert [(node, who(node | {"first": True})) for node, _ in FIRST] == FIRST


def test_what_was_taken_back_does_not_count(people, who):
    [number] = append(event(people["cho"], "mail.opened", 1, subject=("dispatch", "7")), source="t", now=NOW)
    catch_up(NOW)
    asked = [
        {"did": "mail.opened", "window": window} | more
        for window in (last(2), last(30), {"ago": {"from": {"n": 3, "unit": "days"}, "to": {"n": 1, "unit": "hours"}}})
        for more in ({}, {"where": [{"property": "mail", "operator": "missing", "value": ""}]})
    ]
    assert [who(node) for node in asked] == ["Ann Cho"] * 6
    taken = NewEvent(
        people["cho"].pk, "hit.reclassified", NOW - timedelta(days=1), properties={"kind": "mail.opened"}, cause=number
    )
    append([taken], source="t", now=NOW)
    catch_up(NOW)
    assert [who(node) for node in asked] == ["Ann"] * 6
    assert who({"did": "any", "times": times("never")}) == "Cho"


BAD = [
    ({"did": "mail.eaten"}, ("did",)),
    ({"did": "hit.opened"}, ("did",)),
    ({"did": 5}, ("did",)),
    ({"did": "mail.opened", "when": 1}, ("when",)),
    ({"did": "page.viewed", "on": {"type": "product", "keys": ["1"]}}, ("on", "type")),
    ({"did": "page.viewed", "on": {"type": "page", "keys": []}}, ("on", "keys")),
    ({"did": "page.viewed", "on": {"type": "page", "keys": [5]}}, ("on", "keys")),
    ({"did": "page.viewed", "on": ["page"]}, ("on",)),
    ({"did": "page.viewed", "where": {"property": "x"}}, ("where",)),
    ({"did": "page.viewed", "where": [{"property": "x", "operator": "x' OR 1=1", "value": "1"}]}, ("where",)),
    ({"did": "page.viewed", "times": {"operator": "at_least"}}, ("times", "n")),
    ({"did": "page.viewed", "times": {"operator": "at_least", "n": -1}}, ("times", "n")),
    ({"did": "page.viewed", "times": {"operator": "at_least", "n": 1.5}}, ("times", "n")),
    ({"did": "page.viewed", "times": {"operator": "between", "n": 5, "to": 1}}, ("times", "to")),
    ({"did": "page.viewed", "times": {"operator": "__gt", "n": 5}}, ("times", "operator")),
    ({"did": "page.viewed", "times": 3}, ("times",)),
    ({"did": "page.viewed", "measure": {"of": "x", "by": "sum", "operator": "is", "value": "x"}}, ("measure", "operator")),
    ({"did": "page.viewed", "measure": {"of": "", "by": "sum", "operator": "exactly", "value": 1}}, ("measure", "of")),
    ({"did": "page.viewed", "measure": {"of": "x", "by": "count", "operator": "exactly", "value": 1}}, ("measure", "by")),
    ({"did": "page.viewed", "measure": {"of": "x", "by": "sum", "operator": "exactly", "value": "1"}}, ("measure", "value")),
    ({"did": "page.viewed", "measure": {"of": "x", "by": "sum", "operator": "exactly", "value": 1e400}}, ("measure", "value")),
    ({"did": "page.viewed", "measure": {"of": "x", "by": "sum", "operator": "exactly", "value": 1}, "times": {"operator": "never"}},
     ("measure",)),
    ({"did": "page.viewed", "window": {"last": 7}}, ("window", "last")),
    ({"did": "page.viewed", "window": {"last": {"n": 0, "unit": "days"}}}, ("window", "last", "n")),
    ({"did": "page.viewed", "window": {"ago": {"from": {"n": 1, "unit": "days"}, "to": 5}}}, ("window", "ago", "to")),
    ({"did": "page.viewed", "window": {"calendar": "next_month"}}, ("window", "calendar")),
    ({"did": "page.viewed", "window": {"between": ["2026-01-01", "x"]}}, ("window", "between", 1)),
    ({"did": "page.viewed", "window": {"since": {"did": "x", "which": "last"}}}, ("window", "since", "did")),
    ({"did": "page.viewed", "window": {"since": {"did": "page.viewed", "which": "last_at; DROP"}}}, ("window", "since")),
    ({"did": "page.viewed", "window": {"since_stage": 1}}, ("window", "since_stage")),
    ({"did": "page.viewed", "window": {"last": {"n": 1, "unit": "days"}, "after": "2026-01-01"}}, ("window",)),
    ({"did": "page.viewed", "first": True}, ("first",)),
    ({"did": "page.viewed", "first": 1, "window": {"calendar": "today"}}, ("first",)),
]  # fmt: skip


def test_what_is_refused_is_named_with_its_place():
    for node, path in BAD:
        with pytest.raises(BadRule) as caught:
            parse(definition(node))
        assert (node, [problem.path for problem in caught.value.problems]) == (node, [("rule", "all", 0, *path)])


def test_a_deleted_subject_is_named(people):
    vip = membership.tag_named("VIP")
    rule = definition({"did": "tag.added", "on": {"type": "tag", "keys": [str(vip.pk)]}})
    assert sentences(rule) == ["tagged (tag “VIP”) at least once"]
    vip.delete()
    with pytest.raises(FieldGone, match="The tag"):
        parse(rule)


def sentences(rule):
    return [leaf.sentence() for leaf in parse(rule).root.children]


PRICING = {"did": "page.viewed", "where": [{"property": "path", "operator": "is", "value": "/pricing"}]}
SAID = [
    ({"did": "mail.opened"}, "opened a mail at least once", "메일 열람 1회 이상"),
    (
        {"did": "mail.opened", "times": times("never"), "window": last(30)},
        "never opened a mail in the last 30 days",
        "최근 30일 동안 메일 열람 없음",
    ),
    (
        PRICING | {"times": times("at_most", 2), "window": {"calendar": "last_week"}},
        "viewed a page (path is /pricing) at most 2 times (or never) last week",
        "지난주 페이지 조회 (path = /pricing) 2회 이하(한 번도 없는 경우 포함)",
    ),
    (
        {"did": "order.placed", "measure": {"of": "value", "by": "sum", "operator": "more_than", "value": 100000}},
        "placed an order with sum of amount more than ₩100,000",
        "주문: 금액 합계 100,000원 초과",
    ),
    (
        {"did": "order.placed", "first": True, "window": {"after_creation": {"n": 30, "unit": "days"}}},
        "placed an order for the first time ever within 30 days of being added",
        "등록 후 30일 안에 첫 주문",
    ),
    (
        {"did": "any", "window": {"since": {"did": "order.placed", "which": "last"}}},
        "did anything at least once since they last placed an order",
        "마지막 주문 이후 활동 1회 이상",
    ),
    (
        {
            "sequence": [
                {"did": "cart.updated", "window": last(3)},
                {"did": "page.viewed", "within": {"n": 1, "unit": "hours"}},
                {"did_not": "order.placed", "within": {"n": 2, "unit": "days"}},
            ]
        },
        "changed the shopping cart in the last 3 days, then viewed a page within 1 hour, then never placed an order within 2 days",
        "최근 3일 동안 장바구니 변경, 그 뒤 1시간 안에 페이지 조회, 그 뒤 2일 동안 주문 없음",
    ),
    (
        {"people_of_account": "at_least", "n": 2, "rule": {"all": [{"did": "form.submitted"}]}},
        "at least 2 people of the account: Sent a form at least once",
        "고객사에서 2명 이상: 양식 제출 1회 이상",
    ),
]  # fmt: skip


def test_questions_are_said_in_both_languages(people):
    nodes = [node for node, _, _ in SAID]
    assert sentences(definition(*nodes)) == [english for _, english, _ in SAID]
    with translation.override("ko"):
        assert sentences(definition(*nodes)) == [korean for _, _, korean in SAID]


def test_both_ends_of_a_window_make_candidates(people, who):
    week, twenty = ({"n": n, "unit": "days"} for n in (7, 20))
    rule = parse(definition({"did": "page.viewed", "window": {"ago": {"from": twenty, "to": week}}}))
    expected = {  # Ann viewed pages 10, 3 and 2 days ago
        -8: (set(), set()),
        -4: (set(), {people["ann"].pk}),  # 10 days ago came in
        4: ({people["ann"].pk}, {people["ann"].pk}),
        17: ({people["ann"].pk}, set()),  # the last one went out
    }
    for days, (before, after) in expected.items():
        since, until = (replace(AT, now=NOW + timedelta(days=days + more)) for more in (-4, 4))
        assert [ids(rule.everybody(at)) for at in (since, until)] == [before, after]
        candidates = [ids(sql) for sql in rule.crossings(since, until)]
        assert set().union(*candidates) >= before ^ after
        assert len(candidates) == 2
