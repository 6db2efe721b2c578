"""The outermost middleware: answers probes before anything else, numbers and times every other request.

It stands before sessions, host checks and the move to https, since a load balancer asks by address and in the clear.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare

from crm.home.health import metrics, readiness
from crm.kit import clock
from crm.kit.logs import CONTEXT
from crm.kit.network import client_address

logger = logging.getLogger("wayfare.request")

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Requests:
    """Gives each request an id (or keeps the proxy's X-Request-ID), which its log lines and its answer carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if probe := PROBES.get(request.path):
            return probe(request)
        started, number = time.perf_counter(), _number(request)
        token = CONTEXT.set({"request": number})
        try:
            response = self.get_response(request)
            _note(request, response.status_code, time.perf_counter() - started)
        finally:
            CONTEXT.reset(token)
        response.headers["X-Request-ID"] = number
        return response


def _number(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    """Count and log a request by its route: the path itself may hold a person's token."""
    route = request.resolver_match.route if request.resolver_match else "-"
    method = request.method or "-"
    metrics.REQUESTS.labels(method, route, str(status)).observe(seconds)
    user = getattr(request, "user", None)
    facts: dict[str, str | int] = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000)}
    if user is not None and user.is_authenticated:
        facts["user"] = user.pk
    logger.info("request", extra={"facts": facts})


# --- probes ---
def _healthy(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def _ready(_request: HttpRequest) -> HttpResponse:
    lacks = readiness.missing(clock.now())
    return JsonResponse({"status": "not ready" if lacks else "ready", "missing": lacks}, status=503 if lacks else 200)


def _metrics(request: HttpRequest) -> HttpResponse:
    """Give the numbers to whoever has METRICS_TOKEN; without one, to this machine alone."""
    if not _may_scrape(request):
        return HttpResponse("Set METRICS_TOKEN and send it as a bearer token.\n", status=403, content_type="text/plain")
    text, kind = metrics.exposition(clock.now())
    return HttpResponse(text, content_type=kind)


def _may_scrape(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return client_address(request) in _LOOPBACK


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": _healthy,
    "/readyz": _ready,
    "/metrics": _metrics,
}
