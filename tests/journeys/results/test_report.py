"""What a journey brought: conversion, revenue, times and paths, with exact figures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from contacts.models import Order
from journeys.engine import leaving
from journeys.engine.models import Enrolment
from journeys.results import report
from journeys.results.report import Conversion, Flow, Revenue, Stay
from journeys.results.window import window

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_conversion_by_version_with_those_held_out(world, now):
    for place, goal in ((4, None), (5, now)):
        Enrolment.objects.filter(contact_id=world.people[place].pk).update(end="held_out", ended_at=now, goal_at=goal)
    assert report.conversions(world.journey.pk, window("all", now)) == [
        Conversion(None, 4, 1, 2, 1), Conversion(1, 4, 1, 2, 1)
    ]  # fmt: skip
    assert report.conversions(world.journey.pk, window("1", now)) == [Conversion(None, 0, 0, 0, 0)]
    row = report.conversions(world.journey.pk, window("all", now))[0]
    assert (row.share, row.held_share, round(row.lift.difference, 2), row.extra) == (0.25, 0.5, -0.25, -1)


def test_revenue_is_what_converted_people_ordered_within_the_days(world, now):
    def order(key, place, at, total, **more):
        Order.objects.create(key=key, contact=world.people[place], placed_at=at, total=total, currency="KRW", **more)

    order("counts", 1, world.began + DAY, 1000, refunded=300)
    order("before", 1, world.began - DAY, 10)
    order("too late", 1, world.began + 15 * DAY, 20)
    order("cancelled", 1, world.began + DAY, 40, status="cancelled")
    order("not converted", 0, world.began + DAY, 80)
    assert report.revenue(world.journey.pk, window("all", now), None) == [Revenue("KRW", 1, Decimal(700))]
    assert report.revenue(world.journey.pk, window("all", now), 2) == []
    assert report.revenue(world.journey.pk, window("1", now), None) == []


def test_order_counts_once_for_two_stays(world, now):
    Order.objects.create(
        key="one", contact=world.people[1], placed_at=world.began + DAY, total=500, currency="KRW"
    )  # fmt: skip
    again = Enrolment.objects.get(contact_id=world.people[1].pk)
    again.pk, again.key = None, "second"
    again.save()
    assert report.revenue(world.journey.pk, window("all", now), None) == [Revenue("KRW", 1, Decimal(500))]


def test_time_in_step(world, now):
    from journeys.engine.models import Trace

    spent = [1, 2, 3, 4, 5]
    for minutes, trace in zip(spent, Trace.objects.filter(step__key="care"), strict=True):
        Trace.objects.filter(pk=trace.pk).update(arrived_at=trace.left_at - timedelta(minutes=minutes))
    found = report.stays(world.journey.pk, window("all", now), None)
    assert found["care"] == Stay(5, timedelta(minutes=3), timedelta(minutes=4, seconds=36))
    assert found["mail"].people == 6
    assert report.stays(world.journey.pk, window("1", now), None) == {}


def test_paths_follow_the_links_and_end_with_why(world, now):
    leaving.remove(world.journey.pk, [world.people[2].pk], now=now)
    found = report.flows(world.journey, window("all", now), None, 6)
    assert sorted(found, key=lambda flow: flow.source) == [
        Flow("", "mail", 6), Flow("care", "wait", 5), Flow("mail", "care", 6), Flow("wait", "end:removed", 1)
    ]  # fmt: skip
    names = {"mail": "Hello", "care": "Care", "wait": "Rest"}
    assert report.ribbons(found, names) == [
        ("Start", "Hello", 6), ("Hello", "Care", 6), ("Care", "Rest", 5), ("Rest", "taken out by hand", 1)
    ]  # fmt: skip


def test_way_back_is_drawn_without_a_circle_and_names_stay_apart():
    flows = [Flow("", "a", 9), Flow("a", "b", 8), Flow("b", "a", 5), Flow("b", "end:completed", 3)]
    assert report.ribbons(flows, {"a": "Wait", "b": "Wait"}) == [
        ("Start", "Wait", 9), ("Wait", "Wait (2)", 8), ("Wait (2)", "Wait (again)", 5),
        ("Wait (2)", "came to the end", 3),
    ]  # fmt: skip
