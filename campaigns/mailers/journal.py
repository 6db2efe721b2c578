"""The hand-over journal of one worker: a file that survives a kill of the worker, not of the machine.

The intent is written before a body leaves, the result after; so a kill leaves at most one mail per connection in doubt.
A living worker holds a lock on its file. Costs about 2 µs a mail; nothing is synced to disk, for what a crash of the
whole machine leaves unknown is told from the ledger (docs/sending.md).
"""

import contextlib
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from campaigns.mailers.protocol import Ready, Told

_SUFFIX = ".journal"
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Entry:
    """One try as the journal tells it; `kind` is "" when nobody knows how it ended."""

    handover: str
    dispatch_id: int
    message_id: int
    contact_id: int
    tries: int
    kind: str = ""
    code: int = 0
    reason: str = ""


class JournalFile:
    """The journal of this worker. `name` is what chunks keep as their holder."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.path = directory / f"{self.name}{_SUFFIX}"
        self.dispatch_id = 0
        self._results = b""
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def intend(self, mail: Ready) -> None:
        """Write the intent, with the results before it in the same write."""
        line = f"I {mail.handover} {self.dispatch_id} {mail.message_id} {mail.contact_id} {mail.tries}\n".encode()
        os.write(self._file, self._results + line)
        self._results = b""

    def told(self, told: Told) -> None:
        """Keep a result for the next write: until then this mail counts as the connection's one in doubt."""
        reason = " ".join(told.reason.split())[:_LONGEST_REASON] if told.reason else ""
        self._results += f"R {told.mail.handover} {told.kind} {told.code} {reason}\n".encode()

    def flush(self) -> None:
        """Write results that wait."""
        if self._results:
            os.write(self._file, self._results)
            self._results = b""

    def forget(self) -> None:
        """Empty the file, once all it tells of is committed for good."""
        self._results = b""
        os.ftruncate(self._file, 0)

    def close(self, *, keep: bool = False) -> None:
        """Give the lock back; the file goes unless it tells what is not committed yet. A repeat is harmless."""
        if self._file < 0:
            return
        self.flush()
        if not keep:
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1


@contextlib.contextmanager
def dead_journal(path: Path) -> Iterator[list[Entry] | None]:
    """Hold the journal of a dead worker and yield its entries, None while its worker lives or it is gone.

    The caller deletes the file, inside the block, once the entries are committed.
    """
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _read(path) if path.exists() else None
    except BlockingIOError:
        yield None
    finally:
        os.close(file)


def is_alive(path: Path) -> bool:
    """Tell whether the worker of this journal still runs on this machine."""
    with dead_journal(path) as entries:
        return entries is None and path.exists()


def paths(directory: Path) -> list[Path]:
    """Return all journals in the directory, living ones too."""
    return sorted(directory.glob(f"*{_SUFFIX}")) if directory.is_dir() else []


def path_of(directory: Path, name: str) -> Path:
    """Return where the journal of a holder would stand on this machine."""
    return directory / f"{name}{_SUFFIX}"


def _read(path: Path) -> list[Entry]:
    """Return the entries in order; a last line that was cut by a kill is left out."""
    entries: dict[str, Entry] = {}
    for line in path.read_bytes().split(b"\n")[:-1]:
        mark, *fields = line.decode("utf-8", "replace").split(" ", 5)
        if mark == "I":
            handover, dispatch, message, contact, tries = fields
            entries[handover] = Entry(handover, int(dispatch), int(message), int(contact), int(tries))
        elif mark == "R" and fields[0] in entries:
            intent = entries[fields[0]]
            code, _, reason = " ".join(fields[2:]).partition(" ")
            entries[fields[0]] = Entry(
                intent.handover,
                intent.dispatch_id,
                intent.message_id,
                intent.contact_id,
                intent.tries,
                fields[1],
                int(code),
                reason,
            )
    return list(entries.values())
