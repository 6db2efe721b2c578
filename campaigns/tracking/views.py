"""The tracked addresses as a Django page, for servers and test clients that do not go through crm/asgi.py.

Slower than app.py and without its disk, but the same answers and the same events.
"""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from campaigns.tracking.app import NOT_COMPLETE, PIXEL
from campaigns.tracking.hits import SUBJECT, make_hit, read_address
from campaigns.tracking.links import read_targets
from campaigns.tracking.tokens import HONEYPOT
from contacts.ledger.append import NewEvent, append
from crm.kit import clock
from crm.kit.network import client_address
from crm.kit.tokens import BadToken


@login_not_required
@require_safe
def hit(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - the whole path is read
    """Keep one opening or click and answer it."""
    try:
        address = read_address(request.path_info)
    except BadToken:
        return _quiet(HttpResponseNotFound(NOT_COMPLETE, content_type="text/plain; charset=utf-8"))
    targets = {} if address.number is None else read_targets(address.mail.dispatch_id).by_number
    answer = _answer(address.number, targets)
    if answer.status_code < 400:
        now = clock.now()
        made = make_hit(
            address,
            at=now.isoformat(),
            agent=request.headers.get("User-Agent", "").encode("latin-1", "replace"),
            ip=client_address(request),
            head=request.method == "HEAD",
            links=len(targets),
        )
        properties = made.facts()
        event = NewEvent(made.contact_id, made.kind, now, (SUBJECT, str(made.dispatch_id)), properties=properties)
        with transaction.atomic():
            append([event], source="tracking", now=now)
    return _quiet(answer)


def _answer(number: int | None, targets: dict[int, bytes]) -> HttpResponse:
    if number is None:
        return HttpResponse(PIXEL, content_type="image/gif")
    if number == HONEYPOT:
        return HttpResponse(status=204)
    if number not in targets:
        return HttpResponseNotFound(NOT_COMPLETE, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(status=302)
    answer["Location"] = targets[number].decode("ascii")
    return answer


def _quiet(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
