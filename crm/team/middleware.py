"""Language and time zone follow the reader on every request; the admin has a policy of its own for scripts."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.csp import CSP


class LocaleOfReader:
    """Activate the signed-in user's language and time zone, else the browser's language and the company's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        language = user.language if user.is_authenticated else translation.get_language_from_request(request)
        zone = zoneinfo.ZoneInfo(user.time_zone) if user.is_authenticated else timezone.get_default_timezone()
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PolicyOfAdmin:
    """Loosen the content security policy below /admin/ alone: its Alpine needs eval, its pages use style attributes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        strict: dict[str, list[str]] = settings.SECURE_CSP  # type: ignore[assignment]
        self.policy = {
            **strict,
            "script-src": [*strict["script-src"], CSP.UNSAFE_EVAL],
            "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
            "img-src": [*strict["img-src"], "blob:"],
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(reverse("admin:index")) and not hasattr(response, "_csp_config"):
            response._csp_config = self.policy  # type: ignore[attr-defined]  # noqa: SLF001 - how Django's decorator says it
        return response
