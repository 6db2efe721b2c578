"""The public page behind the link: a GET shows, a POST confirms; no cookie, no log-in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.consent.models import Purpose
from contacts.opt_in.confirm import Standing, confirm, standing, topics_of
from contacts.opt_in.tokens import request_of
from contacts.topics.ticks import Ticks
from crm.kit import clock
from crm.kit.network import network_of
from crm.kit.tokens import BadToken
from crm.team.company import company

_STATUS = {Standing.EXPIRED: 410, Standing.GONE: 410}


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be confirmed; POST confirms it. An altered link is told so with 404."""
    try:
        row = request_of(token)
    except BadToken:
        return _quiet(render(request, "public/unknown.html", status=404))
    with translation.override(_language(request, row.contact.language)):
        now = clock.now()
        found = standing(row, now)
        if request.method == "POST":
            row, found = confirm(token, ip_prefix=network_of(request), now=now, ticks=Ticks.of(request.POST))
        house = company()
        context = {
            "row": row,
            "purposes": [Purpose(purpose).label for purpose in row.purposes],
            "house": house,
            "company": house.name,
            "standing": found,
            "topics": topics_of(row) if found is Standing.OPEN else [],
        }
        return _quiet(render(request, "public/opt_in.html", context, status=_STATUS.get(found, 200)))


def _language(request: HttpRequest, own: str) -> str:
    known = dict(settings.LANGUAGES)
    wanted = [request.GET.get("language", ""), own, translation.get_language() or ""]
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the page out of caches, search engines and referrers: its address is a key."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
