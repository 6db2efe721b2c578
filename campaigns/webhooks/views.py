"""The address a mail provider posts to: /webhooks/anymail/<provider>/. Signature checked, stored, answered."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.campaign.wake import wake_webhooks
from campaigns.webhooks.providers import Forged, NotSetUp, check
from campaigns.webhooks.receipts import keep
from crm.kit import clock

logger = logging.getLogger(__name__)
_TEXT = "text/plain; charset=utf-8"


@csrf_exempt
@login_not_required
@require_http_methods(["HEAD", "POST"])
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take one post. 200 when it is kept, 400 when it is not the provider's, 404 when the provider is not set up."""
    if request.method == "HEAD":  # how some providers try the address
        return HttpResponse()
    try:
        check(provider, request)
    except NotSetUp as error:
        logger.warning("webhook refused: %s", error)
        return HttpResponseNotFound("This provider is not set up here.\n", content_type=_TEXT)
    except Forged as error:
        logger.warning("webhook of %s refused: %s", provider, error)
        return HttpResponseBadRequest("The signature does not match.\n", content_type=_TEXT)
    if keep(provider, request.body, request.headers.get("Content-Type", ""), clock.now()):
        wake_webhooks()
    return HttpResponse()
