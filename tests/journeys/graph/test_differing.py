"""What changed between two drawings is said in words; where things lie does not count."""

import pytest

from journeys.graph.differing import differences
from journeys.graph.parsing import parse
from tests.journeys.drawings import drawing, step

pytestmark = pytest.mark.usefixtures("tiny_kinds")


def said(old, new) -> list[tuple[str, str]]:
    return [(change.mark.value, change.text) for change in differences(parse(old), parse(new))]


def test_nothing_but_places_and_notes_is_no_difference():
    old = drawing(step("a"), step("b"), links="a>b")
    new = drawing(step("a", row=9), step("b", column=3), links="a>b", notes=[{"key": "n", "text": "Hello"}])
    assert said(old, new) == []


def test_steps_come_go_and_change():
    old = drawing(step("a"), step("b"), step("c", "test_pause"), links="a>b b>c")
    new = drawing(step("a", what="better"), step("d"), step("c", "test_pause", lane="x"), links="a>d d>c")
    assert said(old, new) == [
        ("changed", "Changed step: Does good → Does better"),
        ("new", "New step: Does good"),
        ("changed", "Step moved to another stage: Waits 2 days"),
        ("gone", "Step removed: Does good"),
        ("changed", "Does better: “then” now leads to “Does good”"),
    ]


def test_links_starts_and_settings():
    old = drawing(step("a"), step("b", "test_choice"), links="a>b b.way1>a")
    new = drawing(step("a"), step("b", "test_choice"), links="a>b", first="b", rules={"goal_days": 7})
    new["triggers"] = [{"key": "again", "kind": "test_hand"}]
    assert said(old, new) == [
        ("new", "New start: By hand"),
        ("gone", "Start removed: By hand"),
        ("changed", "Changed setting: Days in which the goal counts"),
        ("changed", "People begin at: Choice"),
        ("changed", "Choice: “way 1” now leads to the end of the journey"),
    ]


def test_no_quotation_stands_within_a_quotation():
    old = drawing(step("a"), step("b") | {"name": "Tag “VIP”"})
    new = drawing(step("a"), step("b") | {"name": "Tag “VIP”"}, links="a>b")
    assert said(old, new) == [("changed", "Does good: “then” now leads to Tag “VIP”")]
