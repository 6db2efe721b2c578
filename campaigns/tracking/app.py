"""The tracked addresses as a bare ASGI app, asked before Django (crm/asgi.py). See docs/tracking.md.

Whoever opens or clicks is answered when the hit is durable: in the ledger, or on disk while PostgreSQL is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from django.db import DatabaseError, InterfaceError

from campaigns.tracking.hits import Address, Hit, make_hit, read_address
from campaigns.tracking.links import LinkTable
from campaigns.tracking.recorder import Overloaded, Recorder
from campaigns.tracking.tokens import HONEYPOT, MailToken
from crm.kit import clock
from crm.kit.tokens import BadToken

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

PREFIX = "/t/"
# The smallest picture: one transparent pixel, GIF 89a.
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
NOT_COMPLETE = b"This link is not complete. Please open it from the mail again.\n"
_COMMON = [(b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex"), (b"referrer-policy", b"no-referrer")]
_TEXT = [*_COMMON, (b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]


class Answer:
    """A whole response, prepared once: two ASGI messages, the second without its body for HEAD."""

    __slots__ = ("body", "start", "welcome")

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
        length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
        self.welcome = status < 400
        self.start = {"type": "http.response.start", "status": status, "headers": [*headers, *length]}
        self.body = {"type": "http.response.body", "body": body}

    async def to(self, send: Send, *, head: bool) -> None:
        """Send it."""
        await send(self.start)
        await send(_NO_BODY if head else self.body)


_NO_BODY = {"type": "http.response.body", "body": b""}
_PICTURE = Answer(200, [*_COMMON, (b"content-type", b"image/gif")], PIXEL)
_NOTHING = Answer(204, _COMMON)
_NOT_FOUND = Answer(404, _TEXT, NOT_COMPLETE)
_WRONG_METHOD = Answer(405, [*_TEXT, (b"allow", b"GET, HEAD")], b"Only GET and HEAD are answered here.\n")
_LATER = Answer(503, [*_TEXT, (b"retry-after", b"5")], b"Please try again in a few seconds.\n")


class TrackingApp:
    """Answers everything under /t/. Starts with the first request, or before it by `start`."""

    def __init__(self, directory: Path, *, behind_proxy: bool = False, **timing: float) -> None:
        """Take where hits wait while PostgreSQL is away, whether a proxy stands in front, and Recorder's seconds."""
        self._directory, self._behind_proxy, self._timing = directory, behind_proxy, timing
        self._links = LinkTable()
        self._recorder: Recorder | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> Recorder:
        """Connect and begin to write; a repeat does nothing."""
        async with self._starting:
            if self._recorder is None:
                recorder = Recorder(self._links, self._directory, **self._timing)
                await recorder.start()
                self._recorder = recorder
        return self._recorder

    async def stop(self) -> None:
        """Write what waits and let go of everything."""
        if self._recorder is not None:
            await self._recorder.stop()
            self._recorder = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request."""
        head = scope["method"] == "HEAD"
        answer = await self._answer(scope, head=head) if head or scope["method"] == "GET" else _WRONG_METHOD
        await answer.to(send, head=head)

    async def _answer(self, scope: Scope, *, head: bool) -> Answer:
        try:
            address = read_address(scope["path"])
        except BadToken:
            return _NOT_FOUND
        recorder = self._recorder or await self.start()
        answer = _PICTURE if address.number is None else await self._link(recorder, address.mail, address.number)
        if answer.welcome:
            try:
                await recorder.keep(self._hit(scope, address, head=head))
            except Overloaded:
                return _LATER
        return answer

    async def _link(self, recorder: Recorder, mail: MailToken, number: int) -> Answer:
        targets = self._links.known(mail.dispatch_id)
        if targets is None or not (number == HONEYPOT or number in targets.by_number):
            if recorder.away:
                return _LATER
            try:
                targets = await self._links.fresh(mail.dispatch_id)
            except (DatabaseError, InterfaceError):
                return _LATER
        if number == HONEYPOT:
            return _NOTHING
        location = targets.by_number.get(number)
        return Answer(302, [*_COMMON, (b"location", location)]) if location else _NOT_FOUND

    def _hit(self, scope: Scope, address: Address, *, head: bool) -> Hit:
        headers = scope["headers"]
        targets = None if address.number is None else self._links.known(address.mail.dispatch_id)
        return make_hit(
            address,
            at=clock.now().isoformat(),
            agent=_header(headers, b"user-agent"),
            ip=self._client(scope, headers),
            head=head,
            links=len(targets.by_number) if targets else 0,
        )

    def _client(self, scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> str:
        if self._behind_proxy:
            return _header(headers, b"x-forwarded-for").rpartition(b",")[2].strip().decode("latin-1")
        client = scope.get("client")
        return client[0] if client else ""


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    for key, value in headers:
        if key == name:
            return value
    return b""
