"""A dispatch with links, an ASGI client without a server, and a gate in front of PostgreSQL that can be shut."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from django.db import connections

from campaigns.models import Dispatch, Link, MailTemplate, Sender, TemplateVersion
from campaigns.tracking.app import TrackingApp
from tests.campaigns.conftest import NOW

SHOP = "https://shop.example.com/sale?utm_source=mail&q=%EA%B0%80#top"


def new_dispatch(urls=(SHOP, "https://www.example.com/b")):
    """Make a dispatch whose links are numbered from 1."""
    sender = Sender.objects.get_or_create(
        email="news@example.com", name="News", organisation="Shop", postal_address="Seoul", phone="02-000-0000"
    )[0]
    template = MailTemplate.objects.create(name="Sale")
    version = TemplateVersion.objects.create(template=template, number=1)
    dispatch = Dispatch.objects.create(sender=sender, template_version=version, created_at=NOW)
    Link.objects.bulk_create(Link(dispatch=dispatch, number=n, url=url) for n, url in enumerate(urls, 1))
    return dispatch


@pytest.fixture
def dispatch(db):
    return new_dispatch()


async def elsewhere(work, *args, **kwargs):
    """Run database work of a test in a thread, and give that thread's connection back."""

    def run():
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


class Client:
    """Asks a TrackingApp as a server would."""

    def __init__(self, app):
        self.app = app

    async def ask(self, path, method="GET", agent="Mozilla/5.0", client=("203.0.113.77", 5000), **headers):
        """Return (status, headers, body)."""
        sent = []

        async def send(message):
            sent.append(message)

        raw = [(b"user-agent", agent.encode("latin-1"))]
        raw += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        await self.app({"type": "http", "method": method, "path": path, "headers": raw, "client": client}, None, send)
        start, body = sent
        return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body["body"]


@pytest.fixture
def on_app(tmp_path, transactional_db):
    """Run an async function with a Client of a started app, and stop the app before returning what it returns."""

    def run(story, **options):
        async def told():
            app = TrackingApp(tmp_path / "hits", **{"pause": 0.02, "patience": 0.4, "again": 0.05, **options})
            try:
                return await story(Client(app))
            finally:
                await app.stop()

        return asyncio.run(told())

    return run


class Gate:
    """A unix socket in front of PostgreSQL's; shut, everybody is thrown out; frozen, nothing moves."""

    def __init__(self, directory, target):
        self.path, self.target = directory / ".s.PGSQL.5432", target
        self.flowing = threading.Event()
        self.flowing.set()
        self.server, self.sockets, self.threads = None, [], []

    def open(self):
        self.path.unlink(missing_ok=True)
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.path))
        self.server.listen()
        self._spawn(self._accept, self.server)

    def shut(self):
        if self.server is not None:
            self._end([self.server], self.threads[:1])  # nobody comes in while the others are thrown out
            self._end(self.sockets, self.threads[1:])
            self.server, self.sockets, self.threads = None, [], []

    def _end(self, sockets, threads):
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()
        for one in sockets:
            one.close()

    def _spawn(self, work, *args):
        thread = threading.Thread(target=work, args=args)
        self.threads.append(thread)
        thread.start()

    def _accept(self, server):
        with contextlib.suppress(OSError):
            while True:
                near, far = server.accept()[0], socket.socket(socket.AF_UNIX)
                far.connect(str(self.target))
                self.sockets += [near, far]
                self._spawn(self._pump, near, far)
                self._spawn(self._pump, far, near)

    def _pump(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.flowing.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def gate(monkeypatch, transactional_db):
    """A gate through which the recorder's own connections go; the test opens it."""
    connections["default"].ensure_connection()
    real = Path(connections.settings["default"]["HOST"]) / ".s.PGSQL.5432"
    directory = Path(tempfile.mkdtemp(prefix="gate"))  # short: a socket's path has at most 107 bytes
    monkeypatch.setitem(connections.settings["default"], "HOST", str(directory))
    made = Gate(directory, real)
    yield made
    made.flowing.set()
    made.shut()
    shutil.rmtree(directory)
