"""The command that runs benches: a wrong result fails the run, and what was found before it is kept."""

import types

import pytest

from bench import __main__ as command
from bench.harness import Bench, WrongResultError
from crm.runtime.postgres import Cluster


def test_a_bench_that_finds_itself_wrong_fails_and_keeps_what_it_found(tmp_path, monkeypatch, capsys):
    kept = []
    monkeypatch.setattr(command, "keep", kept.extend)

    def run(bench):
        bench.record("send", 12.0, "mails/s", how="test")
        raise WrongResultError("send: 3 mails are missing")

    bench = Bench("send", Cluster(tmp_path), {})
    assert not command._ran(types.SimpleNamespace(run=run), bench)
    assert [result.name for result in kept] == ["send"]
    assert "3 mails are missing" in capsys.readouterr().err


def test_what_was_found_is_kept_when_a_bench_breaks(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(command, "keep", kept.extend)

    def run(bench):
        bench.record("send", 12.0, "mails/s", how="test")
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        command._ran(types.SimpleNamespace(run=run), Bench("send", Cluster(tmp_path), {}))
    assert [result.name for result in kept] == ["send"]
