"""ASGI entry. Tracked addresses are answered before Django sees them, everything else by Django."""

import gc
import inspect
import os
from collections.abc import Awaitable

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
pages = get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up first

from campaigns.tracking.app import PREFIX, Receive, Scope, Send, TrackingApp  # noqa: E402
from crm.api import bounds  # noqa: E402

tracking = TrackingApp(settings.JOURNAL_DIR / "hits", behind_proxy=settings.BEHIND_PROXY)
api = bounds.Bounded(pages)  # type: ignore[arg-type]  # asgiref's types name each message


def application(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Hand a request to tracking or to Django; start and stop tracking with the server.

    Returns the coroutine of the app instead of waiting for it in one of its own, which would cost each hit.
    """
    if scope["type"] == "lifespan":
        return _live(receive, send)
    if scope["type"] == "http" and scope["path"].startswith(PREFIX):
        return tracking(scope, receive, send)
    if scope["type"] == "http" and scope["path"].startswith(bounds.PREFIX):
        return api(scope, receive, send)
    return pages(scope, receive, send)  # type: ignore[arg-type]  # asgiref's types name each message


inspect.markcoroutinefunction(application)  # some servers ask


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await tracking.start()
    gc.collect()
    gc.freeze()  # a search through all that Django has loaded takes 100 ms, in which no hit is answered
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await tracking.stop()
    await send({"type": "lifespan.shutdown.complete"})
