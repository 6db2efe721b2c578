"""The tracked addresses as a Django page, for servers and test clients that do not go through crm/asgi.py.

Slower than app.py and without its disk, but the same answers and the same events.
"""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from campaigns.tracking.answers import NOT_FOUND, PICTURE, Answer
from campaigns.tracking.hits import SUBJECT, Hit, make_hit, read_address
from campaigns.tracking.links import read_targets
from contacts.ledger.append import NewEvent, append
from crm.kit import clock
from crm.kit.network import client_address
from crm.kit.tokens import BadToken


@login_not_required
@require_safe
def hit(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 - the whole path is read
    """Keep one opening or click and answer it."""
    try:
        mail, number = read_address(request.path_info)
    except BadToken:
        return _response(NOT_FOUND)
    answer, links = PICTURE, 0
    if number is not None:
        targets = read_targets(mail.dispatch_id)
        answer, links = targets.answers.get(number, NOT_FOUND), targets.links
    if answer.welcome:
        now = clock.now()
        made = make_hit(
            mail,
            number,
            at=now.isoformat(),
            agent=request.headers.get("User-Agent", "").encode("latin-1", "replace"),
            ip=client_address(request),
            head=request.method == "HEAD",
            links=links,
        )
        _keep(made, now)
    return _response(answer)


def _keep(hit: Hit, now: datetime) -> None:
    subject = (SUBJECT, str(hit.dispatch_id))
    event = NewEvent(hit.contact_id, hit.kind, now, subject, properties=hit.facts())
    with transaction.atomic():
        append([event], source="tracking", now=now)


def _response(answer: Answer) -> HttpResponse:
    headers = {name.decode(): value.decode() for name, value in answer.start["headers"]}
    return HttpResponse(answer.body["body"], status=answer.start["status"], headers=headers)
