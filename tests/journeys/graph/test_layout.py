"""Automatic layout: time runs downwards, lanes stay, no two steps on one place, whatever was drawn."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.graph.layout import laid_out
from journeys.graph.parsing import parse
from tests.journeys.drawings import drawing, step


def places(raw) -> dict[str, tuple[str, int, int]]:
    return {one.key: (one.lane, one.row, one.column) for one in laid_out(parse(raw)).steps}


def test_chain_runs_downwards_in_its_lanes():
    raw = drawing(step("a", row=7, column=3), step("b", lane="x", row=2), step("c", row=9), links="a>b b>c")
    assert places(raw) == {"a": ("", 0, 0), "b": ("x", 1, 0), "c": ("", 2, 0)}


def test_ways_out_lie_side_by_side_and_what_follows_stays_below_its_own():
    raw = drawing(
        step("a", "test_choice"), step("b", column=5), step("c"), step("d"), step("e"),
        links="a.way1>b a.rest>c c>d b>e d>e",
    )  # fmt: skip
    assert places(raw) == {"a": ("", 0, 0), "b": ("", 1, 0), "c": ("", 1, 1), "d": ("", 2, 1), "e": ("", 3, 0)}


def test_loop_is_cut_where_it_comes_back_and_what_nobody_reaches_lies_below():
    raw = drawing(*map(step, "abcxy"), links="a>b b>c c>a x>y")
    assert {key: place[1] for key, place in places(raw).items()} == {"a": 0, "b": 1, "c": 2, "x": 3, "y": 4}


KEYS = [f"s{number}" for number in range(12)]
LINKS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(KEYS), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(LINKS, st.lists(st.sampled_from(["", "x", "y"]), min_size=12, max_size=12))
def test_no_two_on_one_place(links, lanes):
    steps = [step(key, lane=lane, row=number + 1) for number, (key, lane) in enumerate(zip(KEYS, lanes, strict=True))]
    raw = drawing(*steps, links=" ".join(f"{a}>{b}" for a, b in links.items()))
    found = laid_out(parse(raw))
    assert len({(one.lane, one.row, one.column) for one in found.steps}) == len(KEYS)
    assert {one.key: one.lane for one in found.steps} == dict(zip(KEYS, lanes, strict=True))
    assert laid_out(found) == found


def test_two_thousand_steps_are_laid_out():
    keys = [f"s{number}" for number in range(2_000)]
    raw = drawing(*map(step, keys), links=" ".join(f"{a}>{b}" for a, b in pairwise(keys)))
    assert max(place[1] for place in places(raw).values()) == 1_999
