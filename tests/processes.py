"""Real processes of the product on a test's database: servers, workers, `follow`. They end with the test."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def soon(condition: Callable[[], object], seconds: float = 20) -> bool:
    """Whether the condition comes true within the time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def environment(**more: str) -> dict[str, str]:
    """Return the environment in which a process of the product works on this test's database."""
    name = str(connection.settings_dict["NAME"])
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "WAYFARE_DATABASE": name, **more}


@contextlib.contextmanager
def python(*arguments: str, log: Path | None = None, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python ARGUMENTS` in the checkout for a block; stopped by SIGTERM at its end, killed after 10 s.

    Use it with `transactional_db`, since another process sees only what is committed.
    """
    with (log or Path(os.devnull)).open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment(**more), stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run any program for a block; stopped by SIGTERM at its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)
