"""Widths of bulk work: wider while it is quick, narrower at once, never beyond the bounds."""

import pytest

from crm.kit.pace import Pace


def widths(pace, *seconds):
    found = []
    for each in seconds:
        pace.learn(each)
        found.append(pace.width)
    return found


def test_quick_work_doubles_up_to_the_most():
    assert widths(Pace(100, least=50, most=500, seconds=0.04), 0.001, 0.0, 0.001) == [200, 400, 500]


def test_slow_work_shrinks_at_once_to_what_fits_and_no_lower_than_the_least():
    assert widths(Pace(400, least=50, most=500, seconds=0.04), 0.16, 0.08, 9.0) == [100, 50, 50]


def test_work_that_takes_as_long_as_is_aimed_at_stays():
    assert widths(Pace(3, least=1, most=64, seconds=0.05), 0.05, 0.045, 0.055) == [3, 3, 2]


def test_timed_learns_from_work_that_was_done_and_not_from_one_that_failed():
    pace = Pace(100, least=50, most=500, seconds=10.0)
    with pytest.raises(ZeroDivisionError), pace.timed():
        _ = 1 / 0
    assert pace.width == 100
    with pace.timed() as width:
        assert width == 100
    assert pace.width == 200
