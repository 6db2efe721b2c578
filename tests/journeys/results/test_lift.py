"""The interval of a difference, against the figures of its source and by hand."""

import pytest

from journeys.results.lift import lift, wilson


def test_figures_of_the_source():
    found = lift((56, 70), (48, 80))  # Newcombe 1998, table II, (a), method 10: 0.0524 to 0.3339
    assert found.difference == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.is_certain


def test_nobody_converted_still_has_a_width():
    found = lift((0, 10), (0, 20))  # table II, (e) turned round: -0.1611 to 0.2775
    assert (round(found.low, 4), round(found.high, 4)) == (-0.1611, 0.2775)
    assert not found.is_certain


def test_wilson_by_hand():
    low, high = wilson(0, 10)  # z² / (n + z²) = 3.8415 / 13.8415
    assert (low, round(high, 4)) == (pytest.approx(0), 0.2775)


@pytest.mark.parametrize(("led", "held"), [((1, 5), (0, 0)), ((0, 0), (1, 5))])
def test_one_side_alone_says_nothing(led, held):
    assert lift(led, held) is None
