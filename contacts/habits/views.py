"""The page where a team says who counts as active, and has its buyers ranked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import StaleEdit
from contacts.habits import tasks
from contacts.habits.activity import limits, set_limits
from contacts.habits.forms import NAMES, LimitsForm
from contacts.habits.models import ActivityLimits, BuyerCount
from crm.kit import clock, locking
from crm.kit.locking import Thing
from crm.team.permissions import Action, allowed


@require_safe
@allowed(Action.SCORE_EDIT)
def habits(request: HttpRequest) -> HttpResponse:
    """Show the limits and when buyers were last ranked."""
    return _page(request, LimitsForm.of(limits()))


def _page(request: HttpRequest, form: LimitsForm, status: int = 200) -> HttpResponse:
    counted = BuyerCount.objects.filter(pk=1).first()
    return render(request, "contacts/habits.html", {"form": form, "counted": counted}, status=status)


@require_POST
@allowed(Action.SCORE_EDIT)
def edit_limits(request: HttpRequest) -> HttpResponse:
    """Change the limits; segments that ask for activity are counted anew."""
    form = LimitsForm(locking.chosen(request.POST), instance=ActivityLimits(pk=1))
    if not form.is_valid() or "further" in request.POST:
        return _page(request, form, status=200 if form.is_valid() else 422)
    days = {name: form.cleaned_data[name] for name in NAMES}
    try:
        set_limits(days, version=form.at_version(), now=clock.now())
    except StaleEdit:
        place = reverse("contacts:habits")
        thing = Thing(_("Who counts as active"), limits().version, reverse("contacts:habits-limits"), place)
        return locking.merge_page(request, form, LimitsForm.of(limits()), thing)
    messages.success(request, _("Saved. Segments that ask for activity are being counted anew."))
    return redirect("contacts:habits")


@require_POST
@allowed(Action.SCORE_EDIT)
def rank_buyers(request: HttpRequest) -> HttpResponse:
    """Have buyers ranked now."""
    if tasks.wake():
        messages.success(request, _("Buyers are being ranked; this page shows when it was done."))
    else:
        messages.warning(request, _("No worker can be reached. Buyers are ranked at night."))
    return redirect("contacts:habits")
