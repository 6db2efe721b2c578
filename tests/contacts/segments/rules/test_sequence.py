"""Deeds in order, and the people of an account: exact names, what is refused, how it is said."""

from datetime import timedelta

import pytest

from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.people.models import Account, Contact
from contacts.segments.errors import BadRule
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.why import why
from tests.contacts.segments.conftest import AT, SEOUL, definition, ids

pytestmark = pytest.mark.django_db
NOW = AT.now
CART = {"did": "cart.updated"}
ORDER = "order.placed"


def days(n):
    return {"n": n, "unit": "days"}


@pytest.fixture
def people(person):
    """Ann bought 2 days after her cart, Bob only has a cart of 8 days ago, Cho one of today, Dan bought before it."""
    found = {name: person(name=name, email=f"{name.lower()}@x.example.com") for name in ("Ann", "Bob", "Cho", "Dan")}
    past = {
        "Ann": [("cart.updated", 10), (ORDER, 8), ("page.viewed", 1)],
        "Bob": [("cart.updated", 8)],
        "Cho": [("cart.updated", 0)],
        "Dan": [(ORDER, 12), ("cart.updated", 9)],
    }
    append(
        [
            NewEvent(found[name].pk, kind, NOW - timedelta(days=ago))
            for name, deeds in past.items()
            for kind, ago in deeds
        ],
        source="t",
        now=NOW,
    )
    catch_up(NOW)
    firm = Account.objects.create(name="Firm", name_key="firm")
    Contact.objects.filter(name__in=["Ann", "Bob"]).update(account=firm)
    lone = Account.objects.create(name="Lone", name_key="lone")
    Contact.objects.filter(name="Cho").update(account=lone)
    return {name: contact.pk for name, contact in found.items()}


def test_sequences(people, who):
    cases = [
        ([CART, {"did": ORDER}], "Ann"),
        ([CART, {"did": ORDER, "within": days(2)}], "Ann"),  # to the second
        ([CART, {"did": ORDER, "within": days(1)}], ""),
        ([{"did": ORDER}, CART], "Dan"),
        ([CART, {"did_not": ORDER}], "Bob Cho Dan"),
        ([CART, {"did_not": ORDER, "within": days(8)}], "Dan"),  # Bob's eight days are not quite over
        ([CART, {"did_not": ORDER, "within": days(7)}], "Bob Dan"),
        ([CART | {"window": {"last": days(8)}}, {"did_not": ORDER}], "Bob Cho"),
        ([CART, {"did": ORDER, "within": days(3)}, {"did": "page.viewed"}], "Ann"),
        ([CART, {"did": ORDER, "within": days(3)}, {"did_not": "page.viewed", "within": days(6)}], "Ann"),
        ([CART, {"did": ORDER, "within": days(3)}, {"did_not": "page.viewed", "within": days(7)}], ""),
        ([CART, {"did_not": "page.viewed", "within": days(5)}, {"did": ORDER}], "Ann"),
    ]
    assert [(steps, who({"sequence": steps})) for steps, _ in cases] == cases


def test_a_span_that_runs_out_is_a_crossing(people):
    rule = parse(definition({"sequence": [CART, {"did_not": ORDER, "within": days(8)}]}))
    later = Moment(NOW + timedelta(minutes=1), SEOUL)
    assert ids(rule.everybody(later)) - ids(rule.everybody(AT)) == {people["Bob"]}
    assert set().union(*(ids(sql) for sql in rule.crossings(AT, later))) == {people["Bob"]}


def test_people_of_the_account(people, who):
    bought = {"all": [{"did": ORDER}]}
    never = {"none": [{"did": ORDER}]}
    cases = [
        ({"people_of_account": "any", "rule": bought}, "Ann Bob"),
        ({"people_of_account": "any", "rule": never}, "Ann Bob Cho"),
        ({"people_of_account": "every", "rule": {"all": [CART]}}, "Ann Bob Cho"),
        ({"people_of_account": "every", "rule": never}, "Cho"),
        ({"people_of_account": "at_least", "n": 2, "rule": never}, ""),
        ({"people_of_account": "at_least", "n": 2, "rule": {"all": [CART]}}, "Ann Bob"),
        ({"people_of_account": "at_least", "n": 2, "rule": bought}, ""),
        ({"people_of_account": "any", "rule": {"all": [{"people_of_account": "any", "rule": bought}]}}, "Ann Bob"),
    ]
    assert [(node, who(node)) for node, _ in cases] == cases
    assert who(cases[0][0], mode="none") == "Cho Dan"
    merged = Contact.objects.create(name="Gone", account_id=Contact.objects.get(name="Ann").account_id)
    Contact.objects.filter(pk=merged.pk).update(merged_into=people["Dan"])
    assert [(node, who(node)) for node, _ in cases] == cases
    assert parse(definition(cases[0][0])).widens_to_account()
    assert not parse(definition(CART)).widens_to_account()


def test_why_says_what_decided(people):
    asked = [
        CART,
        {"sequence": [CART, {"did": ORDER}]},
        {"people_of_account": "any", "rule": {"all": [{"did": ORDER}]}},
        {"did": ORDER, "first": True, "window": {"calendar": "this_year"}},
    ]
    rule = parse(definition(*asked))
    day = "Wed, Nov 11, 2026 12:00 KST"
    assert [(one.met, one.value) for one in why(rule, people["Ann"], AT).children] == [
        (True, f"1 time, last on {day}"),
        (True, f"begun on {day}"),
        (True, "1 of 2"),
        (True, "first on Fri, Nov 13, 2026 12:00 KST"),
    ]
    assert [(one.met, one.value) for one in why(rule, people["Cho"], AT).children] == [
        (True, "1 time, last on Sat, Nov 21, 2026 12:00 KST"),
        (False, "not in this order"),
        (False, "0 of 1"),
        (False, "never"),
    ]


def test_what_is_refused_is_named_with_its_place():
    step = {"did": ORDER}
    cases = [
        ({"sequence": [CART]}, ("sequence",)),
        ({"sequence": [CART] * 7}, ("sequence",)),
        ({"sequence": [CART, 5]}, ("sequence",)),
        ({"sequence": [{"did_not": ORDER}, step]}, ("sequence", 0, "did_not")),
        ({"sequence": [CART, step | {"window": {}}]}, ("sequence", 1, "window")),
        ({"sequence": [CART, step | {"did_not": ORDER}]}, ("sequence", 1)),
        ({"sequence": [CART, step | {"within": {"n": 1, "unit": "months"}}]}, ("sequence", 1, "within", "unit")),
        ({"sequence": [CART, {"did": "x"}]}, ("sequence", 1, "did")),
        ({"sequence": [CART, step], "first": True}, ("first",)),
        ({"people_of_account": "some", "rule": {"all": []}}, ("people_of_account",)),
        ({"people_of_account": ["any"], "rule": {"all": []}}, ("people_of_account",)),
        ({"people_of_account": "any", "n": 2, "rule": {"all": []}}, ("n",)),
        ({"people_of_account": "at_least", "rule": {"all": []}}, ("n",)),
        ({"people_of_account": "at_least", "n": 0, "rule": {"all": []}}, ("n",)),
        ({"people_of_account": "any"}, ("rule",)),
        ({"people_of_account": "any", "rule": {"all": [{"did": "x"}]}}, ("rule", "all", 0, "did")),
    ]
    for node, path in cases:
        with pytest.raises(BadRule) as caught:
            parse(definition(node))
        assert (node, caught.value.problems[0].path) == (node, ("rule", "all", 0, *path))
