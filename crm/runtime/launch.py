"""What an install on one machine consists of, in the order it starts. Called by `manage.py run`."""

import http.client
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from crm.runtime import demo, messages, valkey
from crm.runtime.postgres import STOP, Cluster, PostgresError
from crm.runtime.supervisor import Part, Supervisor, bound, clear_leftovers, python

MANAGE = str(Path(settings.BASE_DIR) / "manage.py")


class LaunchError(Exception):
    """The install cannot start; the message says what a person can do."""


@dataclass(frozen=True)
class Plan:
    """What to start: the loopback ports in use, and which parts are ours and not somebody's server elsewhere."""

    var: Path
    host: str
    port: int
    smtp_port: int
    database: bool
    broker: bool
    mailbox: bool
    demo: bool

    def ports(self) -> Iterator[tuple[str, int]]:
        """Yield the setting's name and the number of every port that must be free."""
        yield "PORT", self.port
        if self.mailbox:
            yield "SMTP_PORT", self.smtp_port


def require_free(host: str, name: str, port: int) -> None:
    """Raise LaunchError when another program listens on the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise LaunchError(
                f"Port {port} is taken ({error.strerror}). Choose another one: make run {name}={port + 1}"
            ) from None


def answers(host: str, port: int) -> bool:
    """Whether the web server answers (with whatever: a page that fails has its own log)."""
    asked = http.client.HTTPConnection(host, port, timeout=5)
    try:
        asked.request("GET", "/team/login/", headers={"Host": "127.0.0.1"})
        return asked.getresponse().status > 0
    except OSError:
        return False
    finally:
        asked.close()


def listens(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    with socket.socket() as trial:
        trial.settimeout(1)
        return trial.connect_ex(("127.0.0.1", port)) == 0


class Install:
    """One run of an install: `start`, `watch`, `stop`, always in that order and `stop` always."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.cluster = Cluster(plan.var)
        self.supervisor = Supervisor(plan.var, say)
        self.logs = plan.var / "log"

    def start(self, now: Callable[[], datetime]) -> None:
        """Start every part. Raises LaunchError, PostgresError or ValkeyError; call `stop` then too."""
        try:
            self.cluster.acquire()
        except PostgresError:
            raise LaunchError(
                f"Wayfare already runs from {self.plan.var} (process {self.cluster.owner()}). "
                f"Open http://{self.plan.host}:{self.plan.port}/ or stop it first."
            ) from None
        clear_leftovers(self.plan.var)
        for name, port in self.plan.ports():
            require_free(self.plan.host, name, port)
        self.logs.mkdir(parents=True, exist_ok=True)
        self._ground()
        self._data(now())
        self._doors()

    def _add(self, *parts: Part) -> None:
        """Start parts side by side and wait until all of them are ready."""
        for part in parts:
            self.supervisor.add(part)
        for part in parts:
            if not self.supervisor.wait(part) and not self.supervisor.stopping:
                raise LaunchError(f"{part.name} did not start; its last words are in {part.log}.")

    def _ground(self) -> None:
        """Start PostgreSQL and the broker, where they are ours."""
        if self.plan.database:
            self.cluster.prepare()
            self._add(self._postgres())
            self.cluster.create_database(settings.DATABASES["default"]["NAME"])
        if self.plan.broker:
            command = bound(*valkey.command(self.plan.var))
            self._add(self._part("broker", command, ready=lambda: valkey.answers(self.plan.var)))

    def _postgres(self) -> Part:
        return Part(
            "postgres",
            self.cluster.command(parent=os.getpid()),
            self.cluster.log,
            stop_signal=STOP,
            prepare=self.cluster.prepare,
            ready=self.cluster.answers,
            marked=False,  # PostgreSQL that outlived us is found by its own pid file
        )

    def _data(self, now: datetime) -> None:
        """Bring the database up to date and, on the first start, fill it."""
        messages.compile_stale(Path(settings.BASE_DIR) / "locale")
        call_command("migrate", verbosity=0)
        if self.plan.demo:
            demo.load(now)
        connection.close()
        if settings.DATABASES["default"].get("OPTIONS", {}).get("pool"):
            connection.close_pool()  # type: ignore[attr-defined]

    def _doors(self) -> None:
        """Start what serves people and does the work."""
        parts = [
            self._web(),
            self._celery("worker", "--concurrency=2", "--without-gossip", "--without-mingle"),
            self._celery("beat", "--scheduler=celery.beat.Scheduler", "--pidfile="),
            self._part("follow", python(MANAGE, "follow")),
        ]
        if self.plan.mailbox:
            command = python(MANAGE, "mailbox")
            parts.append(self._part("mailbox", command, ready=lambda: listens(self.plan.smtp_port)))
        self._add(*parts)

    def _web(self) -> Part:
        place = ["--host", self.plan.host, "--port", str(self.plan.port)]
        command = python("-m", "granian", "--interface", "asgi", "--no-ws", *place, "crm.asgi:application")
        return self._part("web", command, ready=lambda: answers(self.plan.host, self.plan.port))

    def _celery(self, role: str, *options: str) -> Part:
        return self._part(role, python("-m", "celery", "--app=crm.celery", role, "--loglevel=INFO", *options))

    def _part(self, name: str, command: list[str], ready: Callable[[], bool] = lambda: True) -> Part:
        return Part(name, command, self.logs / f"{name}.log", ready=ready)

    def watch(self) -> None:
        """Keep the parts running until the supervisor is told to stop."""
        self.supervisor.watch()

    def stop(self) -> bool:
        """Stop what runs and give the directory back; True when everything stopped by itself."""
        clean = self.supervisor.stop()
        self.cluster.release()
        return clean
