"""The embedded PostgreSQL as its owners meet it: started, refused, killed, left behind. Real servers, one per test."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from crm.runtime.places import NOBODY, SOCKET_ROOM, private_dir, socket_dir
from crm.runtime.postgres import RELAXED, Cluster, PostgresError, alive, cluster

OWNER = """
import sys, time
from pathlib import Path
from crm.runtime.postgres import RELAXED, cluster
with cluster(Path(sys.argv[1]), settings=RELAXED, keep=len(sys.argv) > 2) as running:
    print(running.postmaster(), flush=True)
    time.sleep(60)
"""


def owner(home: Path, *more: str) -> tuple[subprocess.Popen[str], int]:
    """Start another process that owns a cluster; return it and the pid of its PostgreSQL."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home), *more], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout
    with process.stdout as said:
        return process, int(said.readline())


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether the process ends in time."""
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def ask(running: Cluster, query: str, database: str = "postgres") -> object:
    with psycopg.connect(running.dsn(database), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def test_cluster_keeps_data_over_restarts_and_listens_on_no_port(tmp_path: Path) -> None:
    with cluster(tmp_path / "one") as running:
        assert running.create_database("wayfare") is True
        assert running.create_database("wayfare") is False
        with psycopg.connect(running.dsn()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT '김철수'::text AS name")
        assert ask(running, "SHOW listen_addresses") == ""
        assert ask(running, "SHOW fsync") == "on"
        assert ask(running, "SHOW jit") == "off"
        assert ask(running, "SELECT split_part(current_setting('server_version'), '.', 1)") == "18"
        assert (running.socket.stat().st_mode & 0o777) == 0o700
        pid = running.postmaster()
    assert running.postmaster() is None
    assert not (tmp_path / "one" / "postgres" / "postmaster.pid").exists()
    with cluster(tmp_path / "one") as again:
        assert again.postmaster() != pid
        assert ask(again, "SELECT name FROM kept", "wayfare") == "김철수"


def test_second_owner_is_refused_and_first_goes_on(tmp_path: Path) -> None:
    with cluster(tmp_path, settings=RELAXED) as running:
        with pytest.raises(PostgresError, match=f"in use by process {os.getpid()}"), cluster(tmp_path):
            pass
        assert ask(running, "SELECT 1") == 1


def test_killed_postmaster_is_started_again_with_its_data(tmp_path: Path) -> None:
    with cluster(tmp_path, settings=RELAXED) as running:
        running.create_database("wayfare")
        pid = running.postmaster()
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert running.process
        running.process.wait(5)
        running.start()
        assert running.create_database("wayfare") is False


def test_killed_owner_takes_postgres_with_it_and_next_start_works(tmp_path: Path) -> None:
    process, pid = owner(tmp_path)
    process.kill()
    process.wait(5)
    assert gone(pid)
    with cluster(tmp_path, settings=RELAXED) as running:
        assert ask(running, "SELECT 1") == 1


def test_kept_cluster_outlives_its_owner_and_is_joined(tmp_path: Path) -> None:
    process, pid = owner(tmp_path, "keep")
    process.kill()
    process.wait(5)
    assert alive(pid)
    with cluster(tmp_path) as joined:
        assert joined.postmaster() == pid
    assert gone(pid)


def test_stale_pid_file_naming_a_living_stranger_is_dropped(tmp_path: Path) -> None:
    with cluster(tmp_path, settings=RELAXED):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path / 'postgres'}\n")
    with cluster(tmp_path, settings=RELAXED) as running:
        assert ask(running, "SELECT 1") == 1


def test_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    with cluster(tmp_path, settings=RELAXED) as running:
        assert ask(running, "SHOW server_encoding") == "UTF8"


def test_wrong_setting_is_told_with_the_servers_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.runtime.postgres.STARTING", 2.0)
    with pytest.raises(PostgresError, match="no_such_setting"), cluster(tmp_path, settings={"no_such_setting": "1"}):
        pass


def test_socket_dir_of_a_deep_install_is_short(tmp_path: Path) -> None:
    deep = tmp_path / ("깊은" * 20)
    short = socket_dir(deep)
    assert len(os.fsencode(short)) <= SOCKET_ROOM
    assert short != socket_dir(deep / "other")
    with cluster(deep, settings=RELAXED) as running:
        assert ask(running, "SELECT 1") == 1
    assert not short.exists()


def test_socket_dir_laid_by_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="is not a directory of this user"):
        private_dir(tmp_path / "run")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give up its rights")
def test_root_without_user_namespaces_runs_it_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.runtime.postgres.identity", lambda: str(NOBODY))
    with tempfile.TemporaryDirectory() as open_to_all:  # pytest's own directory is closed to nobody
        Path(open_to_all).chmod(0o755)
        for _start in range(2):
            with cluster(Path(open_to_all) / "one", settings=RELAXED) as running:
                assert ask(running, "SELECT 1") == 1
                assert Path(f"/proc/{running.postmaster()}").stat().st_uid == NOBODY
