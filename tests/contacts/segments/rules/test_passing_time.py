"""Who may flip by time alone is found through an index, and nobody is forgotten when months of events are gone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from contacts.commerce import orders, products
from contacts.ledger.append import NewEvent, append
from contacts.ledger.follow import catch_up
from contacts.scoring import decay
from contacts.scoring.heat import default_model
from contacts.scoring.models import Score
from contacts.segments.rules.parsing import parse
from tests.contacts.segments.conftest import AT, definition, ids, matching

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = replace(AT, now=AT.now + 2 * HOUR)


def crossings(field, operator, value):
    rule = parse(definition({"field": field, "operator": operator, "value": value}))
    return rule, set().union(*(ids(sql) for sql in rule.crossings(AT, LATER)))


@pytest.fixture
def active(crowd, now):
    """Kim was seen 30 days less an hour ago and before, Lee an hour ago; Park ordered a day less an hour ago."""
    seen = now - timedelta(days=30) + HOUR
    views = [NewEvent(crowd.kim.pk, "page.viewed", at) for at in (seen, seen - timedelta(days=9))]
    append([*views, NewEvent(crowd.lee.pk, "page.viewed", now - HOUR)], source="site", now=now)
    tea = products.save(products.ProductProfile("tea", "Tea"))
    placed = now - timedelta(days=1) + HOUR
    orders.place("o1", crowd.park.pk, [orders.Line(tea, 1, Decimal(9))], placed_at=placed, now=now)
    orders.place("o0", crowd.park.pk, [orders.Line(tea, 1, Decimal(9))], placed_at=placed - timedelta(days=5), now=now)
    catch_up(now)
    return crowd


@pytest.mark.parametrize(
    ("field", "days", "name"),
    [
        ("last_seen", 30, "kim"),
        ("last_visit", 39, "kim"),
        ("first_visit", 39, "kim"),
        ("order_last", 1, "park"),
        ("order_first", 6, "park"),
    ],
)
def test_whoever_flips_is_found(active, field, days, name):
    flipping = getattr(active, name).pk
    rule, found = crossings(field, "in_last", {"n": days, "unit": "days"})
    assert found == {flipping}
    assert flipping in matching(rule)
    assert flipping not in matching(rule, LATER)


def test_without_the_events_the_table_is_read(active, now):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM event")
        assert crossings("last_seen", "in_last", {"n": 30, "unit": "days"})[1] == set()
        cursor.execute("INSERT INTO ledger_dropped (month, dropped_at) VALUES ('2026-10-01', now())")
    assert crossings("last_seen", "in_last", {"n": 30, "unit": "days"})[1] == {active.kim.pk}


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        ("stage_since", "Index Cond: ((stage_since"),
        ("order_last", "Index Cond: ((placed_at"),
        ("created_at", "Index Cond: ((created_at"),
    ],
)
def test_an_index_finds_them(db, field, condition):
    node = {"field": field, "operator": "more_than_ago", "value": {"n": 14, "unit": "days"}}
    [sql] = parse(definition(node)).crossings(AT, replace(AT, now=AT.now + HOUR))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql.text}", sql.params)
        assert condition in "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("score", "at_least", 5),
        ("score", "less_than", 5),
        ("score", "between", [0, 5]),
        ("score", "between_not", [0, 5]),
        ("grade", "is_any_of", ["cool"]),
        ("account.score", "between", [0, 5]),
        ("account.grade", "is_none_of", ["hot"]),
    ],
)
def test_no_points_stay_none(crowd, field, operator, value):
    assert crossings(field, operator, value)[1] == set()


def test_who_fades_is_found_in_the_index_of_scores(crowd):
    model = default_model()
    at_noon = decay.threshold(5, AT.now, anchor=model.anchor, half_life=model.half_life)
    Score.objects.create(model=model, contact=crowd.kim, total=at_noon * 1.0001, last_at=AT.now)
    Score.objects.create(model=model, contact=crowd.lee, total=at_noon * 2, last_at=AT.now)
    rule, found = crossings("score", "between", [5, 1000])
    assert found == {crowd.kim.pk}
    assert matching(rule) - matching(rule, LATER) == {crowd.kim.pk}
    [sql] = rule.crossings(AT, LATER)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql.text}", sql.params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "SubPlan" not in plan
    assert "score_by_heat" in plan
