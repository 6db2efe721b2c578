"""Senders: the list, their details, and the page behind the link in the confirmation mail."""

import smtplib

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.senders.edit import save
from campaigns.senders.forms import SenderForm, TrialForm
from campaigns.senders.models import Sender
from campaigns.senders.trial import trial
from campaigns.senders.verify import ask, confirm, sender_of
from crm.kit.clock import now
from crm.kit.tokens import BadToken
from crm.team.company import company
from crm.team.permissions import Action, allowed, reader


@require_safe
@allowed(Action.SENDER_EDIT)
def sender_list(request: HttpRequest) -> HttpResponse:
    """Show who mails may come from, and whether the address is proved."""
    return render(request, "campaigns/senders.html", {"senders": Sender.objects.order_by("name", "pk")})


@allowed(Action.SENDER_EDIT)
def edit(request: HttpRequest, sender_id: int | None = None) -> HttpResponse:
    """Add or change a sender; a new address gets a mail with a link at once."""
    sender = get_object_or_404(Sender, pk=sender_id) if sender_id else None
    form = SenderForm(request.POST or None, instance=sender or _blank())
    if request.method == "POST" and form.is_valid():
        stored, unproved = save(sender_id, form.cleaned_data)
        if unproved:
            _ask(request, stored)
        else:
            messages.success(request, _("Saved."))
        return redirect("campaigns:senders")
    context = {"form": form, "sender": sender}
    return render(request, "campaigns/sender.html", context, status=422 if form.is_bound else 200)


def _blank() -> Sender:
    house = company()
    return Sender(name=house.name, organisation=house.name, postal_address=house.postal_address, phone=house.phone)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.SENDER_EDIT)
def test(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Show the last test of a sender; POST tests it now, by a mail to whoever asks."""
    sender = get_object_or_404(Sender, pk=sender_id)
    form = TrialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        trial.run(sender, reader(request).email, form.cleaned_data["selector"], now())
        return redirect("campaigns:sender-test", sender_id)
    last = trial.trial_of(sender)
    if not form.is_bound and last is not None:
        form = TrialForm(initial={"selector": last.selector})
    context = {"sender": sender, "form": form, "trial": last, "findings": trial.findings_of(last) if last else []}
    return render(request, "campaigns/sender_test.html", context, status=422 if form.is_bound else 200)


@require_POST
@allowed(Action.SENDER_EDIT)
def ask_again(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Send the mail with the link once more."""
    _ask(request, get_object_or_404(Sender, pk=sender_id))
    return redirect("campaigns:senders")


def _ask(request: HttpRequest, sender: Sender) -> None:
    try:
        ask(sender)
    except (OSError, smtplib.SMTPException) as error:
        text = _("The mail to %(email)s could not be sent: %(reason)s. Ask again later.")
        messages.error(request, text % {"email": sender.email, "reason": error})
    else:
        messages.success(
            request, _("A mail is on its way to %(email)s. Open its link to confirm.") % {"email": sender.email}
        )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sender_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be confirmed; POST confirms it. An altered link is told so with 404."""
    try:
        sender = confirm(token, now()) if request.method == "POST" else sender_of(token)
    except BadToken:
        return render(request, "campaigns/sender_confirm.html", {"sender": None}, status=404)
    return render(request, "campaigns/sender_confirm.html", {"sender": sender})
