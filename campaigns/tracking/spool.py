"""Hits on disk while PostgreSQL is away: one file a process, a line a batch, written through before anyone is answered.

A batch keeps its name, so that one which was written and also committed is counted once (see store.py).
"""

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from campaigns.tracking.hits import Hit

MOST_BYTES = 512 * 2**20  # of one process, about three million hits


class SpoolFull(OSError):
    """The process has written MOST_BYTES without being able to hand them on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Hits that are written together or not at all; `name` is unique for ever."""

    name: str
    hits: tuple[Hit, ...]

    @classmethod
    def of(cls, hits: list[Hit]) -> "Batch":
        """Return a new batch of these hits."""
        return cls(uuid.uuid4().hex, tuple(hits))


class Spool:
    """The files of one directory. A file is locked by the process that writes or replays it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file: TextIO | None = None

    def append(self, batch: Batch) -> None:
        """Write a batch through to the disk. Raises OSError, of which SpoolFull is one."""
        file = self._file or self._opened()
        if file.tell() > MOST_BYTES:
            raise SpoolFull(f"{file.name} is full")
        file.write(json.dumps([batch.name, batch.hits]) + "\n")
        file.flush()
        os.fsync(file.fileno())

    def _opened(self) -> TextIO:
        self._directory.mkdir(parents=True, exist_ok=True)
        while True:
            file = (self._directory / f"hits-{os.getpid()}-{uuid.uuid4().hex}.jsonl").open("x", encoding="utf-8")
            if _locked(file):
                self._file = file
                return file
            file.close()  # another process took the empty file for a left-over

    def close(self) -> None:
        """Leave the file to whoever replays it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def waiting(self) -> Iterator["Waiting"]:
        """Take each file that no process holds, oldest first; locked while the caller has it."""
        for path in sorted(self._directory.glob("hits-*.jsonl"), key=_age):
            try:
                file = path.open("r+", encoding="utf-8")
            except FileNotFoundError:
                continue
            with file:
                if _locked(file):
                    yield Waiting(path, file)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One file to be replayed."""

    path: Path
    file: TextIO

    def batches(self) -> Iterator[Batch]:
        """Read the batches. A last line cut short by a crash was answered to nobody and is left out."""
        for line in self.file:
            if not line.endswith("\n"):
                return
            name, hits = json.loads(line)
            yield Batch(name, tuple(Hit(*hit) for hit in hits))

    def done(self) -> None:
        """Remove the file: all of it stands in the ledger."""
        self.path.unlink(missing_ok=True)


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
