"""The page behind the link in a sender's confirmation mail."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns.senders.verify import confirm, sender_of
from crm.kit.clock import now
from crm.kit.tokens import BadToken


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sender_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be confirmed; POST confirms it. An altered link is told so with 404."""
    try:
        sender = confirm(token, now()) if request.method == "POST" else sender_of(token)
    except BadToken:
        return render(request, "campaigns/sender_confirm.html", {"sender": None}, status=404)
    return render(request, "campaigns/sender_confirm.html", {"sender": sender})
