"""`make run` from outside: one real install, started, refused, hurt, stopped, killed and started again."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.environment import Environment
from crm.runtime import demo
from crm.runtime.launch import LaunchError
from crm.runtime.management.commands.run import plan, screen
from crm.runtime.postgres import Cluster, alive
from crm.runtime.supervisor import leftovers
from tests.processes import free_port, soon

ROOT = Path(__file__).resolve().parents[3]


class Run:
    """A `manage.py run` in its own directory."""

    def __init__(self, var: Path, **environment: str) -> None:
        self.var = var
        self.port = free_port()
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key not in {"SECRET_KEY", "SWEEP_SECONDS", "LEASE_SECONDS"} and not key.startswith("PYTEST")
        }
        self.environment |= {"DJANGO_SETTINGS_MODULE": "crm.settings", "WAYFARE_VAR": str(var)}
        self.environment |= {"PORT": str(self.port), "SMTP_PORT": str(free_port())} | environment
        self.process: subprocess.Popen[str] | None = None

    def command(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=self.environment,
        )

    def start(self) -> str:
        """Start and return what is said until the screen is complete."""
        self.process = self.command()
        assert self.process.stdout
        said = ""
        while "Ctrl-C" not in said:
            line = self.process.stdout.readline()
            assert line, said
            said += line
        return said

    def refused(self) -> str:
        """Try a start that must fail and return what it says."""
        tried = self.command()
        said, _ = tried.communicate(timeout=30)
        assert tried.returncode == 1, said
        return said

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[str, float]:
        """Stop, and return the last words and the seconds it took."""
        assert self.process
        started = time.monotonic()
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=40)
        return said, time.monotonic() - started

    def pids(self, *words: str) -> list[int]:
        """Return the processes of this install whose command line has these words."""
        found = []
        for pid in leftovers(self.var):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if all(word in command for word in words):
                    found.append(pid)
        return found

    def get(self, path: str) -> int:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asked.request("GET", path)
            return asked.getresponse().status
        except OSError:
            return 0
        finally:
            asked.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    running = Run(tmp_path)
    yield running
    if running.process and running.process.poll() is None:
        running.stop(signal.SIGKILL)


def test_install_lives_through_refusals_kills_and_a_restart(run: Run) -> None:
    said = run.start()
    assert f"http://127.0.0.1:{run.port}/" in said
    assert re.search(r"Admin +admin@wayfare\.example", said)
    assert said.count("@wayfare.example") == len(demo.PEOPLE)
    assert len(said.splitlines()) <= 24
    assert run.get("/team/login/") == 200

    assert "Wayfare already runs" in run.refused()
    beside = Run(run.var / "beside", PORT=str(run.port))
    assert f"make run PORT={run.port + 1}" in beside.refused()

    for words in (("granian",), ("celery", "worker"), ("valkey",)):
        before = run.pids(*words)
        assert before, words
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert soon(lambda words=words, before=before: set(run.pids(*words)) - set(before), 60), words
    postmaster = Cluster(run.var).postmaster()
    assert postmaster
    os.kill(postmaster, signal.SIGKILL)
    assert soon(lambda: Cluster(run.var).postmaster() not in {None, postmaster}, 60)
    assert soon(lambda: run.get("/team/login/") == 200, 60)

    # Killed itself, together with the master of the web server, whose workers nobody tells then.
    postmaster = Cluster(run.var).postmaster()
    assert postmaster
    orphan = run.pids("granian")[0]
    assert run.process
    run.process.kill()
    os.kill(orphan, signal.SIGKILL)
    said, _ = run.process.communicate(timeout=60)
    assert "web was killed by SIGKILL; it starts again in 0.5 s" in said
    assert "postgres was killed by SIGKILL" in said
    assert soon(lambda: not alive(postmaster), 60)
    outlived = leftovers(run.var)

    run.start()
    assert not set(outlived) & set(leftovers(run.var))
    assert run.get("/team/login/") == 200
    said, seconds = run.stop()
    assert said.endswith("Stopped.\n")
    assert run.process.returncode == 0
    assert seconds < 30
    assert leftovers(run.var) == []
    assert Cluster(run.var).postmaster() is None


def test_empty_install_is_led_to_the_first_admin(settings) -> None:
    settings.DEMO = False
    said = screen(plan(), 2.0)
    assert f"http://127.0.0.1:{settings.PORT}/team/first-admin/" in said
    assert "@wayfare.example" not in said


def test_known_passwords_are_refused_where_others_get_in(settings) -> None:
    settings.HOST = "0.0.0.0"
    with pytest.raises(LaunchError, match=r"HOST=0\.0\.0\.0 lets others in, .* set DEMO_PASSWORD, or DEMO=0"):
        plan()
    settings.ENVIRONMENT = Environment({"DEMO_PASSWORD": "of our own"})
    assert plan().host == "0.0.0.0"
