"""Activity by limits that are times, ranks of buyers in fifths, and the page that sets them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from contacts.commerce.models import Order
from contacts.habits import buyers
from contacts.habits.activity import limits, set_limits
from contacts.habits.models import Activity, ActivityLimits, BuyerCount, BuyerRank
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.people.models import Contact
from contacts.segments.models import Segment, SegmentTouch
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.why import why
from tests.contacts.segments.conftest import AT, SEOUL, definition, ids, matching, who  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
NOW = AT.now
DAY = timedelta(days=1)


def asked(*states, operator="is_any_of"):
    return {"field": "activity", "operator": operator, "value": list(states)}


@pytest.fixture
def people(person):
    """People by the days since they were added and last seen: Ann 3, 1; Bob 100, 30; Cho 100, never; Eve 400, 300 …"""
    found = {}
    for name, added, seen in (
        ("Ann", 3, 1), ("Bob", 100, 30), ("Cho", 100, None), ("Dan", 14, 2), ("Eve", 400, 300), ("Fay", 40, None),
        ("Gil", 14, None),
    ):  # fmt: skip
        contact = found[name] = person(name=name, email=f"{name.lower()}@x.example.com")
        Contact.objects.filter(pk=contact.pk).update(created_at=NOW - added * DAY)
        if seen is not None:
            append([NewEvent(contact.pk, "page.viewed", NOW - seen * DAY)], source="t", now=NOW)
    catch_up(NOW)
    return found


def test_activity_is_told_by_its_limits_to_the_second(people, who):  # noqa: F811
    states = {state: who(asked(state)) for state in Activity.values}
    assert states == {
        "new": "Ann Dan Gil",
        "active": "Bob",  # at risk in a moment
        "at_risk": "Fay",
        "inactive": "Cho",
        "lost": "Eve",
    }
    assert who(asked("new", "lost")) == "Ann Dan Eve Gil"
    assert who(asked("active", "lost", operator="is_none_of")) == "Ann Cho Dan Fay Gil"
    later = Moment(NOW + timedelta(microseconds=1), SEOUL)
    moved = {state: who(asked(state), at=later) for state in Activity.values}
    assert moved == states | {"active": "Dan Gil", "new": "Ann", "at_risk": "Bob Fay"}
    for state in Activity.values:
        rule = parse(definition(asked(state)))
        flipped = ids(rule.everybody(AT)) ^ ids(rule.everybody(later))
        assert flipped <= set().union(*(ids(sql) for sql in rule.crossings(AT, later)))


@pytest.mark.parametrize("days", [1, 20, 31, 61, 200, 400])
def test_whose_activity_time_changes_is_a_candidate(people, days):
    later = Moment(NOW + days * DAY, SEOUL)
    for state in Activity.values:
        rule = parse(definition(asked(state)))
        flipped = matching(rule, AT) ^ matching(rule, later)
        assert flipped <= set().union(*(ids(sql) for sql in rule.crossings(AT, later)))


def test_why_says_the_state(people):
    rule = parse(definition(asked("lost")))
    assert [why(rule, people[name].pk, AT).children[0].value for name in ("Ann", "Eve")] == ["new", "lost"]


def test_limits_change_for_all_and_segments_are_counted_anew(people, who):  # noqa: F811
    asks = Segment.objects.create(name="a", definition=definition({"none": [asked("lost")]}), state="ready")
    other = Segment.objects.create(name="b", definition=definition({"did": "any"}), state="ready")
    days = {"new_days": 1, "at_risk_days": 2, "inactive_days": 3, "lost_days": 50}
    set_limits(days, version=1, now=NOW)
    assert {state: who(asked(state)) for state in Activity.values} == {
        "new": "", "active": "Ann Dan", "at_risk": "", "inactive": "Bob Fay Gil", "lost": "Cho Eve",
    }  # fmt: skip
    states = Segment.objects.filter(pk__in=[asks.pk, other.pk]).order_by("name").values_list("state", flat=True)
    assert list(states) == ["building", "ready"]


def test_limits_out_of_order_cannot_be_kept(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityLimits.objects.create(pk=1, at_risk_days=60, inactive_days=60)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityLimits.objects.create(pk=2)


# --- buyers ---------------------------------------------------------------------------------------------------------
def bought(contact, *totals, days=1, **fields):
    for n, total in enumerate(totals):
        Order.objects.create(
            key=f"{contact.pk}-{n}-{days}",
            contact=contact,
            placed_at=NOW - (days + n) * DAY,
            total=Decimal(total),
            **{"currency": "KRW"} | fields,
        )


def ranks():
    rows = BuyerRank.objects.order_by("contact__name").values_list("contact__name", "recency", "frequency", "monetary")
    return {name: rest for name, *rest in rows}


@pytest.fixture
def shop(person):
    """Ten buyers: B0 to B9 buy once each, later and for more from one to the next; two of them more often."""
    found = [person(name=f"B{n}", email=f"b{n}@x.example.com") for n in range(10)]
    for n, contact in enumerate(found):
        bought(contact, 100 + n, days=100 - n)
    bought(found[0], 1, 1, days=200)
    bought(found[5], 1, days=200)
    person(name="Never", email="never@x.example.com")
    return found


def test_buyers_are_ranked_in_fifths_and_equals_are_equal(shop):
    assert buyers.rank(NOW) == 10
    assert ranks() == {
        "B0": [1, 5, 1],  # three times
        "B1": [1, 1, 1],  # once, as seven others
        "B2": [2, 1, 1],
        "B3": [2, 1, 2],
        "B4": [3, 1, 3],
        "B5": [3, 5, 3],
        "B6": [4, 1, 3],
        "B7": [4, 1, 4],
        "B8": [5, 1, 5],
        "B9": [5, 1, 5],
    }
    assert BuyerCount.objects.get().buyers == 10


def test_refunds_and_cancelled_orders_are_taken_off_and_ranks_go_away(shop, who):  # noqa: F811
    buyers.rank(NOW)
    assert who({"field": "rfm_monetary", "operator": "equals", "value": 5}) == "B8 B9"
    Order.objects.filter(contact=shop[9]).update(refunded=Decimal(109))
    Order.objects.filter(contact=shop[8]).update(status="cancelled")
    Segment.objects.create(
        name="best", definition=definition({"field": "rfm_monetary", "operator": "at_least", "value": 5}), state="ready"
    )
    changed = buyers.rank(NOW)
    assert "B8" not in ranks()
    assert ranks()["B9"] == [5, 1, 1]
    assert SegmentTouch.objects.count() == changed > 1
    assert buyers.rank(NOW) == 0
    assert who({"field": "rfm_recency", "operator": "missing"}) == "B8 Never"


def test_other_currencies_count_as_orders_not_as_money(shop):
    bought(shop[1], 10**6, days=50, currency="USD")
    buyers.rank(NOW)
    assert ranks()["B1"] == [5, 4, 1]


# --- the page -------------------------------------------------------------------------------------------------------
def test_the_page_sets_limits_and_refuses_what_is_out_of_order(as_, team):
    client, url = as_(team.mina), "/settings/activity/limits/"
    assert client.get("/settings/activity/").status_code == 200
    good = {"new_days": 7, "at_risk_days": 20, "inactive_days": 40, "lost_days": 90, "version": 1}
    refused = client.post(url, good | {"inactive_days": 20})
    assert refused.status_code == 422
    assert "more days than the one before" in refused.text
    assert not ActivityLimits.objects.exists()
    assert client.post(url, good).status_code == 302
    assert limits().inactive_days == 40
    assert client.post(url, good | {"lost_days": 99}).status_code == 409
    assert limits().lost_days == 90
    assert client.post(url, good | {"new_days": "x' OR 1=1"}).status_code == 422


def test_only_who_may_edit_scores_sees_it(as_, team):
    assert as_(team.rob).get("/settings/activity/").status_code == 403
    assert as_(team.rob).post("/settings/activity/rank/").status_code == 403
