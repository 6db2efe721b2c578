"""Bodies below /api/ are bounded before anything keeps them: by their length at once, else while they are counted.

Stands before Django, which spools a body of any size to disk before it asks a view. Called by crm.asgi.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from crm.api.bodies import USUAL, too_large
from crm.api.catalogue import ROUTES
from crm.api.problems import MEDIA_TYPE

PREFIX = "/api/"
_LARGEST = {f"/api/v1/{route.path}": route.largest for route in ROUTES if route.largest > USUAL}

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Bounded:
    """An ASGI app whose requests have at most the bytes of their route; more is answered 413 and left unread."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most, length = _LARGEST.get(scope["path"], USUAL), _length(scope)
        if length is None:  # in chunks: Django's frame would take it for empty
            body = await _counted(receive, most)
            if body is None:
                return await _refuse(send, most)
            scope, receive = _with_length(scope, len(body)), _again(body, receive)
        elif length > most:
            return await _refuse(send, most)
        return await self._app(scope, receive, send)


def _length(scope: Scope) -> int | None:
    """Return the bytes that the head promises, None when it promises none. The server reads no more than that."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:19])
    return None


async def _counted(receive: Receive, most: int) -> bytes | None:
    """Return the body, None as soon as it has more than `most` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _with_length(scope: Scope, length: int) -> Scope:
    framing = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in framing]
    return {**scope, "headers": [*headers, (b"content-length", str(length).encode())]}


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives what was read first, then whatever comes."""
    held: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return held.pop() if held else await receive()

    return give


async def _refuse(send: Send, most: int) -> None:
    refusal = too_large(most)
    body = json.dumps(refusal.body(), ensure_ascii=False).encode()
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    said = [(name.lower().encode(), value.encode()) for name, value in {**headers, **refusal.headers}.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": said})
    await send({"type": "http.response.body", "body": body})
