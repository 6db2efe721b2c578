"""The reference of bench/tracking.py: the least an ASGI app can answer."""

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"5")],
}
_BODY = {"type": "http.response.body", "body": b"hello"}


async def app(scope, receive, send):  # noqa: ANN001, ANN201, ARG001 - ASGI
    """Say hello."""
    if scope["type"] == "http":
        await send(_START)
        await send(_BODY)
