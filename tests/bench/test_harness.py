"""The bench harness tells the truth: medians over turns, targets kept or missed, wrong work refused, results kept."""

import json
from pathlib import Path

import pytest

from bench.harness import Bench, WrongResultError, interleaved, keep, percentile, table
from crm.runtime.postgres import Cluster


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench("send", Cluster(tmp_path), {"mails": 100})


def test_reference_and_figure_take_turns_and_medians_come_back() -> None:
    turns: list[str] = []

    def measure(name: str, values: list[float]) -> float:
        turns.append(name)
        return values.pop(0)

    figures, references = [50.0, 90.0, 60.0], [100.0, 100.0, 80.0]
    found = interleaved(lambda: measure("figure", figures), lambda: measure("reference", references))
    assert turns == ["reference", "figure"] * 3
    assert (found.figure, found.reference, found.ratio) == (60.0, 100.0, 0.75)


def test_target_is_held_against_the_ratio_where_there_is_one(bench: Bench) -> None:
    kept = bench.record("send", 6500, "mails/s", reference=10000, ratio=0.65, at_least=0.65, how="")
    missed = bench.record("send-slots", 3900, "mails/s", reference=10000, ratio=0.39, at_least=0.4, how="")
    slow = bench.record("lag", 120, "ms", at_most=100, how="")
    assert [(line.ok, line.target) for line in (kept, missed, slow)] == [
        (True, "≥ 0.65"),
        (False, "≥ 0.4"),
        (False, "≤ 100"),
    ]
    shown = table(bench.results).splitlines()
    assert [line.split()[-1] for line in shown] == ["verdict", "ok", "MISSED", "MISSED"]


def test_wrong_work_stops_the_bench(bench: Bench) -> None:
    bench.check(True, "fine")
    with pytest.raises(WrongResultError, match="send: 99 of 100 mails arrived"):
        bench.check(False, "99 of 100 mails arrived")


def test_results_replace_their_own_older_line_only(bench: Bench, tmp_path: Path) -> None:
    place = tmp_path / "results.json"
    first = bench.record("send", 1, "mails/s", how="")
    other = bench.record("launch", 2, "s", how="")
    keep([first, other], place)
    again = bench.record("send", 3, "mails/s", how="")
    keep([again], place)
    assert [(row["name"], row["figure"]) for row in json.loads(place.read_text())] == [("launch", 2), ("send", 3)]


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([7.0], 0.99)) == (51.0, 96.0, 7.0)
