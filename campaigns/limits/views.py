"""The page of what holds for all sending: the frequency cap, and the addresses that get nothing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.limits.cap import StaleCap, lift_cap, set_cap
from campaigns.limits.forms import CapForm
from campaigns.limits.queries import excluded_page
from campaigns.sending.reservations import cap
from crm.kit import locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed, reader


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Action.CAMPAIGN_LAUNCH)
def sending(request: HttpRequest) -> HttpResponse:
    """Show both; a POST changes the cap."""
    if request.method != "POST":
        return _page(request, CapForm.of(cap()))
    form = CapForm(locking.chosen(request.POST))
    if not form.is_valid() or "further" in request.POST:
        return _page(request, form, status=200 if form.is_valid() else 422)
    try:
        _store(form)
    except StaleCap:
        current, place = CapForm.of(cap()), reverse("campaigns:sending-settings")
        thing = Thing(_("How much one person gets"), current.initial[locking.VERSION], place, place)
        return locking.merge_page(request, form, current, thing)
    messages.success(request, _("Saved. It holds from now on, also for campaigns that are being sent."))
    return redirect("campaigns:sending-settings")


def _store(form: CapForm) -> None:
    asked = form.cleaned_data
    version = form.at_version()
    if asked["sends"]:
        set_cap(asked["sends"], asked["days"], version=version)
    else:
        lift_cap(version=version)


def _page(request: HttpRequest, form: CapForm, status: int = 200) -> HttpResponse:
    typed = request.GET.get("address", "").strip()
    page = excluded_page(reader(request), typed, request.GET.get("cursor", ""))
    return render(request, "campaigns/sending.html", {"form": form, "page": page, "typed": typed}, status=status)
