"""The draw: the same whenever it is asked, in the shares that were asked for."""

from collections import Counter

PARTS = [{"label": "A", "weight": 1}, {"label": "B", "weight": 3}]


def crowd(count):
    return [{"contact_id": number} for number in range(1, count + 1)]


def test_split_keeps_its_shares_and_repeats_itself(outlets):
    first = outlets("split", {"parts": PARTS, "hold_out": 20}, crowd(4000))
    assert first == outlets("split", {"parts": PARTS, "hold_out": 20}, crowd(4000))
    share = {key: n / 4000 for key, n in Counter(first).items()}
    assert set(share) == {"p1", "p2", "hold_out"}
    assert abs(share["hold_out"] - 0.2) < 0.03
    assert abs(share["p1"] - 0.2) < 0.03
    assert abs(share["p2"] - 0.6) < 0.03


def test_splits_of_two_steps_are_independent(run, outlets):
    settings = {"parts": [{"label": "A", "weight": 1}, {"label": "B", "weight": 1}]}
    here = outlets("split", settings, crowd(1000))
    run.place["key"] = "there"
    there = outlets("split", settings, crowd(1000))
    same = sum(one == other for one, other in zip(here, there, strict=True))
    assert 420 < same < 580


def test_share_of_zero_is_refused():
    from journeys.steps.split import SPLIT

    form = SPLIT.read({"parts": [{"label": "A", "weight": 0}, {"label": "B", "weight": 1}]})
    assert not form.is_valid()
    assert form.errors["parts"][0].startswith("1. Share: ")


def test_keys_of_rows_stay_and_new_ones_are_new():
    from journeys.steps.split import SPLIT

    form = SPLIT.read({"parts": [{"key": "p3", "label": "A", "weight": 1}, {"label": "B", "weight": 1}]})
    assert form.is_valid()
    assert [part["key"] for part in form.stored()["parts"]] == ["p3", "p4"]
