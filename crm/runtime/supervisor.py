"""Keeps the parts of an install running: starts them in order, again what ends, stops all.

waiting --start--> running --ends--> waiting (after a pause that doubles from 0.5 s to 30 s)
any --stop--> stopped
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm.runtime.postgres import confined

MARK = "WAYFARE_PART_OF"  # in the environment of every part: which install it belongs to
FIRST_PAUSE = 0.5  # seconds before a part that ended is started again
LONGEST_PAUSE = 30.0
HEALTHY = 30.0  # seconds a part must have run for its next pause to be short again
GRACE = 25.0  # seconds all parts together have to stop


@dataclass
class Part:
    """One process of an install. `prepare` runs before each start; `ready` tells when the next part may start."""

    name: str
    command: list[str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    prepare: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    marked: bool = True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process in a session of its own; it ends by itself when its parent is killed."""
        self.prepare()
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment
            )
        finally:
            os.close(log)
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """Return the exit code once the process has ended, else None."""
        return self.process.poll() if self.process else None

    def signal(self, number: signal.Signals) -> None:
        """Signal the process, if it is there."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def sweep(self) -> None:
        """Kill what the process left of its session (the workers of a killed master)."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def bound(*command: str) -> list[str]:
    """Return the command line that runs `command` and ends with this process by SIGTERM."""
    return confined("plain", list(command), parent=os.getpid(), number="SIGTERM")


def python(*arguments: str) -> list[str]:
    """Return the command line of a part written in Python, ending with this process."""
    return bound(sys.executable, *arguments)


@dataclass
class Supervisor:
    """Runs parts for one install. `say` gets one line for a person when something unexpected happens."""

    var: Path
    say: Callable[[str], None]
    parts: list[Part] = field(default_factory=list)
    stopping: bool = False

    def environment(self, part: Part) -> dict[str, str]:
        """Return what a part sees of the environment."""
        mark = {MARK: str(self.var.absolute())} if part.marked else {}
        return {**os.environ, **mark}

    def add(self, part: Part) -> None:
        """Start a part; `wait` tells when it is ready."""
        self.parts.append(part)
        part.start(self.environment(part))

    def wait(self, part: Part, *, within: float = 60.0) -> bool:
        """Wait until the part is ready. False when that took over `within` seconds or we were stopped."""
        deadline = time.monotonic() + within
        while not self.stopping and time.monotonic() < deadline:
            if part.ready():
                return True
            self.tend()
            time.sleep(0.05)
        return False

    def tend(self) -> None:
        """Look at every part once: note those that ended, start again those whose pause is over."""
        now = time.monotonic()
        for part in self.parts:
            if part.process and (code := part.ended()) is not None:
                self._mourn(part, code, now)
            elif part.process is None and now >= part.due:
                part.start(self.environment(part))

    def _mourn(self, part: Part, code: int, now: float) -> None:
        part.sweep()
        part.process = None
        if now - part.started >= HEALTHY:
            part.pause = FIRST_PAUSE
        part.due = now + part.pause
        why = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self.say(f"{part.name} {why}; it starts again in {part.pause:g} s ({part.log}).")
        part.pause = min(LONGEST_PAUSE, part.pause * 2)

    def watch(self) -> None:
        """Keep the parts running until `stopping` is set."""
        while not self.stopping:
            self.tend()
            time.sleep(0.2)

    def stop(self) -> bool:
        """Stop the parts, last started first, within GRACE seconds; kill the rest. True when all listened."""
        self.stopping = True
        deadline = time.monotonic() + GRACE
        stubborn = [part.name for part in reversed(self.parts) if not self._stop_part(part, deadline)]
        if stubborn:
            self.say(f"Killed, because they did not stop in time: {', '.join(stubborn)}.")
        return not stubborn

    def _stop_part(self, part: Part, deadline: float) -> bool:
        if part.process is None:
            return True
        part.signal(part.stop_signal)
        try:
            part.process.wait(max(0.5, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait(5)
            return False
        finally:
            part.sweep()
            part.process = None
        return True


def leftovers(var: Path) -> list[int]:
    """Return the pids of parts of this install that outlived a killed supervisor (Linux; elsewhere none)."""
    mark = os.fsencode(f"{MARK}={var.absolute()}")
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in place.read_bytes().split(b"\0") and int(place.parent.name) != os.getpid():
                found.append(int(place.parent.name))
    return found


def clear_leftovers(var: Path, *, seconds: float = 10.0) -> int:
    """End what a killed supervisor left running and return how many there were; after `seconds` they are killed."""
    first = leftovers(var)
    deadline = time.monotonic() + seconds
    number = signal.SIGTERM
    while remaining := leftovers(var):
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if time.monotonic() > deadline:
            number = signal.SIGKILL
        time.sleep(0.1)
    return len(first)
