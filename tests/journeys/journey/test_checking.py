"""Everything that can be wrong with a drawing is told, at its place; a whole one has no errors."""

import pytest

from contacts.stages.choice import stages_in_use
from journeys.errors import Severity
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from tests.journeys.drawings import drawing, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny_kinds")]


def found(raw) -> set[tuple[str, str, str, str]]:
    """Return (code, at, field, severity) of every problem."""
    return {(p.code, p.at, p.field, p.severity.value) for p in problems(parse(raw))}


def test_whole_journey_has_no_problem():
    lane = stages_in_use()[0].key
    raw = drawing(step("a", lane=lane), step("b", "test_pause"), step("c"), links="a>b b>c")
    assert found(raw) == set()


def test_nothing_drawn_says_what_is_missing():
    assert found({"version": 1}) == {("no_trigger", "", "", "error"), ("no_steps", "", "", "error")}
    assert ("no_first", "", "", "error") in found(drawing(step("a"), first=""))


def test_step_that_nobody_reaches_and_stage_that_is_gone_are_warned_of():
    raw = drawing(step("a"), step("b", lane="atlantis"))
    assert found(raw) == {("unreachable", "b", "", "warning"), ("lane_gone", "b", "", "warning")}


def test_settings_are_told_at_their_field():
    raw = drawing(step("a", what=""), step("b", "test_pause", days=0), links="a>b")
    raw["triggers"][0]["settings"] = {"why": "x" * 41}
    assert found(raw) == {
        ("settings", "a", "what", "error"),
        ("settings", "b", "days", "error"),
        ("settings", "hand", "why", "error"),
    }


def test_kinds_say_their_own_and_unknown_ones_are_named():
    raw = drawing(step("a", what="harm"), step("b", "teleport"), links="a>b")
    raw["triggers"].append({"key": "odd", "kind": "moonrise"})
    assert found(raw) == {
        ("forbidden", "a", "", "error"),
        ("unknown_kind", "b", "", "error"),
        ("unknown_kind", "odd", "", "error"),
    }
    assert any("“teleport”" in str(problem) for problem in problems(parse(raw)))


def test_outlets_that_lead_nowhere():
    raw = drawing(step("a", "test_choice", ways=3), step("b"), links="a.way1>b")
    assert found(raw) == {("open_outlet", "a", "way2", "warning"), ("open_outlet", "a", "rest", "error")}
    raw = drawing(step("a", "test_choice"), step("b"), links="a.way1>b a.rest>b a.way9>b")
    assert found(raw) == {("unknown_outlet", "a", "way9", "error")}


def test_links_to_what_is_not_there():
    assert found(drawing(step("a"), links="a>ghost")) == {("link_gone", "a", "", "error")}
    assert found(drawing(step("a"), links="ghost>a")) == {("link_gone", "a", "", "error")}


def test_loop_needs_a_step_that_waits():
    spin = drawing(step("a"), step("b"), step("c"), links="a>b b>c c>b")
    assert found(spin) == {("endless", "b", "", "error")}
    assert found(drawing(step("a"), links="a>a")) == {("endless", "a", "", "error")}
    calm = drawing(step("a"), step("b"), step("c", "test_pause"), links="a>b b>c c>b")
    assert found(calm) == set()


def test_two_loops_are_two_problems_and_one_that_nobody_reaches_is_none():
    raw = drawing(
        *(step(key, "test_choice") for key in "ac"), *(step(key) for key in "bdxy"),
        links="a.way1>b b>a a.rest>c c.way1>d d>c c.rest>d x>y y>x",
    )  # fmt: skip
    assert {p for p in found(raw) if p[0] == "endless"} == {
        ("endless", "a", "", "error"),
        ("endless", "c", "", "error"),
    }


def test_rules_of_the_journey_are_checked_at_their_field():
    raw = drawing(step("a"), rules={"entry": {"nonsense": 1}, "left_segment": 999, "again": "after"})
    assert found(raw) == {
        ("rule", "rules", "entry", "error"),
        ("segment_gone", "rules", "left_segment", "error"),
        ("again_days", "rules", "again_days", "error"),
    }


def test_two_thousand_steps_in_one_loop_are_read_in_a_moment():
    keys = [f"s{number}" for number in range(2_000)]
    links = " ".join(f"{a}>{b}" for a, b in zip(keys, [*keys[1:], keys[0]], strict=True))
    raw = drawing(*(step(key, "test_stop" if key == "none" else "test_do") for key in keys), links=links)
    assert [(p.code, p.at) for p in problems(parse(raw))] == [("endless", "s0")]
    assert problems(parse(raw))[0].severity == Severity.ERROR


def test_jump_is_a_way_to_a_step_and_can_close_a_loop():
    to_c = step("b", "jump", to="c")
    assert found(drawing(step("a"), to_c, step("c"), links="a>b")) == set()
    back = step("b", "jump", to="a")
    assert found(drawing(step("a"), back, links="a>b")) == {("endless", "a", "", "error")}
