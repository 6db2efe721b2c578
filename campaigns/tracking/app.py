"""The tracked addresses as a bare ASGI app, asked before Django (crm/asgi.py). See docs/tracking.md.

Whoever opens or clicks is answered when the hit is durable: in the ledger, or on disk while PostgreSQL is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError

from campaigns.tracking.answers import LATER, NO_BODY, NOT_FOUND, PICTURE, WRONG_METHOD, Message, link_later
from campaigns.tracking.hits import make_hit, read_address
from campaigns.tracking.links import LinkTable, Targets
from campaigns.tracking.recorder import Overloaded, Recorder
from crm.kit import clock
from crm.kit.tokens import BadToken

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

PREFIX = "/t/"


class WrongMethod(Exception):
    """Neither GET nor HEAD."""


class LinksAway(Exception):
    """Where a link leads is not in memory, and cannot be asked now."""


_REFUSALS = {BadToken: NOT_FOUND, WrongMethod: WRONG_METHOD, Overloaded: LATER}
_REFUSED = tuple(_REFUSALS)


class TrackingApp:
    """Answers everything under /t/. Starts with the first request, or before it by `start`."""

    def __init__(self, directory: Path, *, behind_proxy: bool = False, **timing: float) -> None:
        """Take where hits wait while PostgreSQL is away, whether a proxy stands in front, and Recorder's seconds."""
        self._directory, self._behind_proxy, self._timing = directory, behind_proxy, timing
        self._links = LinkTable()
        self._recorder: Recorder | None = None
        self._starting: asyncio.Task[Recorder] | None = None

    async def start(self) -> Recorder:
        """Connect and begin to write; a repeat does nothing."""
        if self._recorder is not None:
            return self._recorder
        self._starting = self._starting or asyncio.create_task(self._begin())
        return await asyncio.shield(self._starting)  # so all who wait go on at once, and none takes the others along

    async def _begin(self) -> Recorder:
        try:
            recorder = Recorder(self._links, self._directory, **self._timing)
            await recorder.start()
            self._recorder = recorder
            return recorder
        finally:
            self._starting = None

    async def stop(self) -> None:
        """Write what waits and let go of everything."""
        if self._recorder is not None:
            await self._recorder.stop()
            self._recorder = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request. In one coroutine: a chain of them costs more than all that is done here."""
        head = scope["method"] == "HEAD"
        try:
            if not head and scope["method"] != "GET":
                raise WrongMethod
            mail, number = read_address(scope["path"])
            recorder = self._recorder or await self.start()
            answer, links = PICTURE, 0
            if number is not None:
                targets = self._links.known(mail.dispatch_id)
                if targets is None or number not in targets.answers:
                    targets = await self._look_up(recorder, mail.dispatch_id)
                answer, links = targets.answers.get(number, NOT_FOUND), targets.links
            if answer.welcome:
                agent, ip = _header(scope["headers"], b"user-agent"), self._client(scope)
                hit = make_hit(mail, number, at=clock.instant(), agent=agent, ip=ip, head=head, links=links)
                await recorder.keep(hit)
        except LinksAway:
            answer = link_later()
        except _REFUSED as refusal:
            answer = _REFUSALS[type(refusal)]
        await send(answer.start)
        await send(NO_BODY if head else answer.body)

    async def _look_up(self, recorder: Recorder, dispatch_id: int) -> Targets:
        if recorder.away:
            raise LinksAway
        try:
            return await self._links.fresh(dispatch_id)
        except (DatabaseError, InterfaceError) as error:
            raise LinksAway from error

    def _client(self, scope: Scope) -> str:
        if self._behind_proxy:
            return _header(scope["headers"], b"x-forwarded-for").rpartition(b",")[2].strip().decode("latin-1")
        client = scope.get("client")
        return client[0] if client else ""


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    for key, value in headers:
        if key == name:
            return value
    return b""
