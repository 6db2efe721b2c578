"""What becomes of a campaign: live while it is sent, then its results; pause, resume, cancel."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from campaigns.campaign import control, launch, results
from campaigns.campaign.errors import WrongState
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.doubts import count_as_sent, held, send_again
from campaigns.sending.queries import progress
from campaigns.sending.trackable import counted
from crm.kit import clock
from crm.team.permissions import Action, allowed, reader

_MOVING = (CampaignState.LAUNCHING, CampaignState.SENDING, CampaignState.PAUSED)
_VERBS: dict[str, Callable[[int], Campaign]] = {
    "pause": control.pause,
    "resume": control.resume,
    "cancel": lambda campaign_id: control.cancel(campaign_id, clock.now()),
    "unschedule": launch.unschedule,
}


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def show(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show a campaign by its state: the draft's form, or what becomes of it."""
    campaign = _campaign(campaign_id)
    if campaign.state == CampaignState.DRAFT:
        return redirect("campaigns:campaign-edit", campaign_id)
    return render(request, "campaigns/campaign.html", _context(campaign))


@require_safe
@allowed(Action.CAMPAIGN_VIEW)
def figures(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show the part of the page that changes while mails leave."""
    return render(request, "campaigns/live.html", _context(_campaign(campaign_id)))


def _campaign(campaign_id: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("sender", "template"), pk=campaign_id)


def _context(campaign: Campaign) -> dict[str, Any]:
    dispatch = campaign.dispatches.order_by("pk").last()
    context: dict[str, Any] = {"campaign": campaign, "dispatch": dispatch, "live": campaign.state in _MOVING}
    if campaign.scheduled_at:
        at = formats.localize(timezone.localtime(campaign.scheduled_at))
        context["scheduled_text"] = _("It leaves on %(at)s, your time.") % {"at": at}
    if dispatch is not None:
        tracked = counted(dispatch) if not context["live"] else None
        context |= {
            "tracked": tracked,
            "progress": progress(dispatch, clock.now()),
            "tiles": results.tiles(dispatch, tracked),
            "doubt_url": results.people_url(doubt=str(dispatch.pk)),
            "left_out": results.left_out_rows(dispatch),
            "links": results.link_rows(dispatch),
            "facts": _facts(campaign),
        }
        if not context["live"]:
            context["held"] = len(held(dispatch)) if context["progress"].uncertain else 0
    return context


def _facts(campaign: Campaign) -> list[tuple[str, object]]:
    """Return what was sent and from whom, as the page lists it."""
    return [
        (_("Subject"), campaign.subject or _("as in the template")),
        (_("Template"), campaign.template),
        (_("Sender"), campaign.sender),
    ]


@require_POST
@allowed(Action.CAMPAIGN_LAUNCH)
def act(request: HttpRequest, campaign_id: int, verb: str) -> HttpResponse:
    """Pause, resume, cancel, or take back to a draft."""
    if verb not in _VERBS:
        raise Http404
    get_object_or_404(Campaign, pk=campaign_id)
    try:
        _VERBS[verb](campaign_id)
    except WrongState as wrong:
        state = wrong.campaign.get_state_display()
        messages.warning(request, _("That is not possible: the campaign is “%(state)s” now.") % {"state": state})
    return redirect("campaigns:campaign", campaign_id)


@require_POST
@allowed(Action.CAMPAIGN_LAUNCH)
def settle(request: HttpRequest, campaign_id: int, choice: str) -> HttpResponse:
    """Decide on the mails of which it is not known whether they arrived: "again" or "sent"."""
    dispatch = get_object_or_404(Campaign, pk=campaign_id).dispatches.order_by("pk").last()
    if dispatch is None or choice not in ("again", "sent"):
        raise Http404
    if choice == "again":
        n = send_again(dispatch.pk, by=reader(request), now=clock.now())
        text = ngettext("%(n)d mail is sent once more.", "%(n)d mails are sent once more.", n)
    else:
        n = count_as_sent(dispatch.pk, by=reader(request), now=clock.now())
        text = ngettext("%(n)d mail counts as sent now.", "%(n)d mails count as sent now.", n)
    if n:
        messages.success(request, text % {"n": n})
    else:
        messages.warning(request, _("No mail waits for a decision any more."))
    return redirect("campaigns:campaign", campaign_id)
