"""Devices by a cookie of their own: known ones, remembered ones, and what to call them."""

import hashlib
import re
import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crm.team.models import User
from crm.team.sign_ins.models import FAILED, SignIn

COOKIE = "wf_device"
YEAR = 365 * 24 * 3600
# The order decides: Edge and Samsung Internet call themselves Chrome too, Chrome calls itself Safari.
_BROWSERS = (
    ("Edg", "Edge"), ("SamsungBrowser", "Samsung Internet"), ("Whale", "Whale"), ("OPR", "Opera"),
    ("Firefox|FxiOS", "Firefox"), ("Chrome|CriOS", "Chrome"), ("Safari", "Safari"), ("curl|python", "Program"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def name_of(request: HttpRequest) -> str:
    """Return what the device calls itself, coarsely: "Chrome, Windows"; "?" for what says nothing known."""
    agent = request.headers.get("User-Agent", "")[:500]
    found = [_first(agent, table) for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name) or "?"


def _first(agent: str, table: tuple[tuple[str, str], ...]) -> str:
    return next((name for pattern, name in table if re.search(pattern, agent)), "")


def digest_of(request: HttpRequest) -> str:
    """Return the hash of the device's cookie, "" when it has none."""
    token = request.COOKIES.get(COOKIE, "")
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def marked(request: HttpRequest, response: HttpResponse) -> str:
    """Give the device its cookie for a year, a new one where it has none, and return the cookie's hash."""
    token = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(24)
    response.set_cookie(
        COOKIE, token, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return hashlib.sha256(token.encode()).hexdigest()


def is_known(user: User, digest: str) -> bool:
    """Tell whether the user logged in on this device before."""
    return SignIn.objects.filter(user=user, device_digest=digest).exclude(how__in=FAILED).exists()


def is_remembered(request: HttpRequest, user: User, now: datetime) -> bool:
    """Tell whether this device need not give the second factor: the user said so on it, and nobody took it back."""
    digest = digest_of(request)
    kept = SignIn.objects.filter(user=user, device_digest=digest, remembered_until__gt=now)
    return bool(digest) and kept.exists()
