"""The command that runs benches: a wrong result fails the run, and what was found before it is kept."""

import types

import pytest

from bench import running
from bench.harness import Bench, WrongResultError
from crm.runtime.postgres import Cluster


def test_a_bench_that_finds_itself_wrong_fails_and_keeps_what_it_found(tmp_path, monkeypatch, capsys):
    kept = []
    monkeypatch.setattr(running, "keep", kept.extend)

    def run(bench):
        bench.record("send", 12.0, "mails/s", how="test")
        raise WrongResultError("send: 3 mails are missing")

    bench = Bench("send", Cluster(tmp_path), {})
    assert not running._ran(types.SimpleNamespace(run=run), bench)
    assert [result.name for result in kept] == ["send"]
    assert "3 mails are missing" in capsys.readouterr().err


def test_what_was_found_is_kept_when_a_bench_breaks(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(running, "keep", kept.extend)

    def run(bench):
        bench.record("send", 12.0, "mails/s", how="test")
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        running._ran(types.SimpleNamespace(run=run), Bench("send", Cluster(tmp_path), {}))
    assert [result.name for result in kept] == ["send"]


def test_a_bench_that_breaks_in_its_process_fails_the_run_and_stops_no_other(capfd):
    assert running.in_own_process("no such bench", long=False, rest=[]) == ([], False)
    assert "KeyError: 'no such bench'" in capfd.readouterr().err
