"""Back-up and restore: the database by PostgreSQL's own programs, uploaded files beside it, in one directory.

A restored database sends nothing until a person says so (crm.team.hold), and its ledger goes on above what was there.
"""

import contextlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from contacts.ledger.replay import raise_offset
from crm.runtime.postgres import Cluster, binaries, cluster
from crm.team import hold

DUMP, FILES, ABOUT = "database.dump", "files.tar", "about.json"


class BackupError(Exception):
    """The back-up cannot be made or taken back; the message says what a person can do."""


def back_up(place: Path, now: datetime) -> Path:
    """Write database and uploaded files into the new directory `place`, whole or not at all, and return it.

    The database is that of one moment, however long it takes; nobody has to stop working. Raises BackupError.
    """
    if place.exists():
        raise BackupError(f"{place} is there already. Name a directory that is not.")
    partial = place.with_name(place.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    with _server():
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={partial / DUMP}")
        about = {"wayfare": settings.VERSION, "made_at": now.isoformat(), "postgresql": _version()}
    _pack(partial / FILES)
    (partial / ABOUT).write_text(json.dumps(about, indent=1) + "\n")
    partial.rename(place)
    return place


def restore(place: Path) -> str:
    """Bring a back-up into the empty database of this install and return what it is of.

    Newer migrations are applied, the ledger's offset is raised, and sending is held. Raises BackupError; what was
    begun in the database must then be dropped by hand.
    """
    about = _about(place)
    with _server():
        if _tables():
            name = settings.DATABASES["default"]["NAME"]
            raise BackupError(f'The database "{name}" is not empty. Make a new one, or drop that one yourself.')
        _run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={_name()}", str(place / DUMP))
        call_command("migrate", verbosity=0)
        raise_offset()
        if not hold.is_held():
            raise BackupError("The restored database does not know that it was restored. Do not start any worker.")
        connection.close()
    _unpack(place / FILES)
    return f"Wayfare {about['wayfare']}, {about['made_at']}"


def _about(place: Path) -> dict[str, Any]:
    try:
        found = json.loads((place / ABOUT).read_text())
        return {"wayfare": str(found["wayfare"]), "made_at": str(found["made_at"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{place} holds no back-up of Wayfare ({type(error).__name__}).") from error


# --- PostgreSQL ---
@contextlib.contextmanager
def _server() -> Iterator[None]:
    """Have a server for a block: of an embedded install that does not run, our own."""
    if not settings.EMBEDDED or Cluster(Path(settings.VAR_DIR)).answers():
        yield
        return
    with cluster(Path(settings.VAR_DIR)) as own:
        own.create_database(_name())
        yield
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _program(name: str) -> str:
    """Return the path of a program of PostgreSQL: the embedded one's, else the one of this machine."""
    if settings.EMBEDDED:
        return str(binaries() / name)
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is not installed. Install the client programs of PostgreSQL 18.")
    return found


def _run(name: str, *arguments: str) -> None:
    """Run a program on this install's database; the password goes by environment, never by command line."""
    wanted = connection.settings_dict
    keys = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {**os.environ, **{key: str(wanted[of]) for key, of in keys.items() if wanted.get(of)}}
    done = subprocess.run([_program(name), *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()[-1500:]}")


def _version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def _tables() -> list[str]:
    return connection.introspection.table_names()


# --- uploaded files ---
def _pack(archive: Path) -> None:
    """Pack what people uploaded, where it is kept on this machine's disk; a store elsewhere is backed up there."""
    with tarfile.open(archive, "w") as packed:
        if Path(settings.MEDIA_ROOT).is_dir():
            packed.add(settings.MEDIA_ROOT, arcname=".")


def _unpack(archive: Path) -> None:
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        packed.extractall(settings.MEDIA_ROOT, filter="data")
