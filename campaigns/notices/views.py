"""The page of notices of consent: whether and how they are sent, and how many were."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.notices.edit import StaleSettings, figures, save
from campaigns.notices.forms import FIELDS, NoticeForm
from campaigns.notices.models import NoticeKind, NoticeSettings
from campaigns.notices.wording import ensure_mail
from campaigns.senders.models import Sender
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.CAMPAIGN_LAUNCH)
def page(request: HttpRequest) -> HttpResponse:
    """Show the settings with what was sent; a POST changes them."""
    if request.method != "POST":
        return _page(request, _form())
    form = NoticeForm(locking.chosen(request.POST))
    if not form.is_valid() or "further" in request.POST:
        return _page(request, form, status=200 if form.is_valid() else 422)
    said = form.cleaned_data
    try:
        save({name: said[name] for name in FIELDS}, version=form.at_version())
    except StaleSettings:
        current, place = _form(), reverse("campaigns:consent-notices")
        thing = Thing(_("Notices of consent"), current.initial[locking.VERSION], place, place)
        return locking.merge_page(request, form, current, thing)
    messages.success(request, _("Saved."))
    return redirect("campaigns:consent-notices")


def _form() -> NoticeForm:
    held, now = NoticeSettings.objects.first(), clock.now()
    if held is not None:
        return NoticeForm.of(held, {})
    first: dict[str, Any] = {f"{kind}_template": ensure_mail(kind, now).pk for kind in NoticeKind}
    proved = Sender.objects.exclude(verified_at=None).order_by("pk").values_list("pk", flat=True)
    return NoticeForm.of(None, first | {"sender": proved.first()})


def _page(request: HttpRequest, form: NoticeForm, status: int = 200) -> HttpResponse:
    shown = {
        "form": form,
        "figures": figures(),
        "has_sender": Sender.objects.exclude(verified_at=None).exists(),
    }
    return render(request, "campaigns/consent_notices.html", shown, status=status)
