"""Pause, resume and cancel a launched campaign. Each takes effect within a slice, at most a second."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from campaigns.campaign.errors import WrongState
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.campaign.wake import wake_send
from campaigns.sending import dispatches
from campaigns.sending.models import Dispatch


def pause(campaign_id: int, reason: str = "") -> Campaign:
    """Stop handing over until somebody resumes; `reason` is shown. Raises WrongState unless it is sending."""
    return _on_dispatch(campaign_id, "pause", lambda dispatch: dispatches.pause(dispatch.pk, reason))


def resume(campaign_id: int) -> Campaign:
    """Go on. Raises WrongState unless it is paused."""
    campaign = _on_dispatch(campaign_id, "resume", lambda dispatch: dispatches.resume(dispatch.pk))
    wake_send()
    return campaign


def cancel(campaign_id: int, now: datetime) -> Campaign:
    """End the campaign for good; what has not left is never sent. Raises WrongState when it is over already."""
    campaign = Campaign.objects.get(pk=campaign_id)
    waiting = Campaign.objects.filter(pk=campaign_id, state__in=[CampaignState.DRAFT, CampaignState.SCHEDULED])
    if waiting.update(state=CampaignState.CANCELLED):
        campaign.refresh_from_db()
        return campaign
    return _on_dispatch(campaign_id, "cancel", lambda dispatch: dispatches.cancel(dispatch.pk, now))


def _on_dispatch(campaign_id: int, verb: str, move: Callable[[Dispatch], bool]) -> Campaign:
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
        dispatch = campaign.dispatches.order_by("pk").last()
        if dispatch is None or not move(dispatch):
            raise WrongState(campaign, verb)
    campaign.refresh_from_db()
    return campaign
