"""Where an embedded install keeps its files: everything under one directory, sockets in a short one. Stdlib only."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

NOBODY = 65534  # as whom PostgreSQL runs for root where user namespaces are off
SOCKET_ROOM = 107 - len("/.s.PGSQL.5432")  # bytes a socket directory may take on Linux


def socket_dir(var: Path) -> Path:
    """Return where the sockets of an install live: `var/run`, or a short hashed one when that is too long."""
    own = var.absolute() / "run"
    if len(os.fsencode(own)) <= SOCKET_ROOM:
        return own
    digest = hashlib.sha256(os.fsencode(own)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"wayfare-{os.getuid()}-{digest}"


def private_dir(path: Path) -> Path:
    """Make the directory readable by its owner only and return it. Raises PermissionError if somebody else owns it."""
    ours = {os.getuid(), NOBODY if os.getuid() == 0 else os.getuid()}
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours:
        raise PermissionError(f"{path} is not a directory of this user. Remove it and start again.")
    path.chmod(0o700)
    return path
