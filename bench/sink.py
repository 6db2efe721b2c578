"""A mail sink for benches: Postfix's smtp-sink where it can be had (also unpacked, without installing), counted by it.

SMTP_SINK names the program; else the path is searched, else Debian's package is unpacked under var/bench.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import VAR, WrongResultError

PORT = int(os.environ.get("BENCH_SMTP_PORT", "8725"))


def program() -> Path:
    """Return smtp-sink, unpacking Debian's package if need be."""
    named = os.environ.get("SMTP_SINK") or shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if named:
        return Path(named)
    unpacked = VAR / "postfix" / "usr" / "sbin" / "smtp-sink"
    if not unpacked.exists():
        directory = VAR / "postfix"
        directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "postfix"], cwd=directory, check=True, capture_output=True)
        package = next(directory.glob("postfix_*.deb"))
        subprocess.run(["dpkg", "-x", str(package), str(directory)], check=True)
    return unpacked


class Sink:
    """A running sink; `taken()` is how many mails it took since it started."""

    def __init__(self, port: int, counters: Path) -> None:
        self.port = port
        self._counters = counters

    @property
    def url(self) -> str:
        """Return the address for SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def taken(self) -> int:
        """Return the sink's own count."""
        found = re.findall(rb"mesg=(\d+)", self._counters.read_bytes()[-200:])
        return int(found[-1]) if found else 0


@contextmanager
def sink(port: int = PORT) -> Iterator[Sink]:
    """Run smtp-sink for a block."""
    path = program()
    libraries = path.parent.parent / "lib" / "postfix"
    counters = VAR / f"sink-{port}.txt"
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else dict(os.environ)
    with counters.open("wb") as out:
        command = [str(path), "-c", *user, f"127.0.0.1:{port}", "1000"]
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait(port, running)
        yield Sink(port, counters)
    finally:
        running.terminate()
        running.wait()


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if running.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise WrongResultError("smtp-sink does not answer")
