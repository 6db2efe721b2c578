"""Verbs on a dispatch: pause, resume, cancel, close, reopen. Its campaign moves with it; arrows: docs/sending.md."""

from datetime import datetime

from django.db import connection, transaction

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.models import Chunk, Dispatch, DispatchState, Retry
from crm.kit.work import WorkState

# One statement, so that two workers who finish together cannot both miss the end or both tell it.
_CLOSE = """
UPDATE campaigns_dispatch d SET state = 'finished', finished_at = %(now)s
WHERE d.state = 'sending' AND NOT d.standing AND (%(id)s::bigint IS NULL OR d.id = %(id)s)
  AND NOT EXISTS (SELECT FROM campaigns_chunk c WHERE c.dispatch_id = d.id AND c.state IN ('ready', 'leased'))
  AND NOT EXISTS (SELECT FROM campaigns_retry r WHERE r.dispatch_id = d.id)
RETURNING d.id, d.campaign_id
"""


def pause(dispatch_id: int, reason: str = "") -> bool:
    """Stop handing over, within a slice; `reason` is shown. Return whether it was sending. Harmless to repeat."""
    return _move(dispatch_id, (DispatchState.SENDING,), DispatchState.PAUSED, CampaignState.PAUSED, reason)


def resume(dispatch_id: int) -> bool:
    """Go on with a paused dispatch; return whether it was paused."""
    return _move(dispatch_id, (DispatchState.PAUSED,), DispatchState.SENDING, CampaignState.SENDING, "")


def reopen(dispatch_id: int) -> bool:
    """Send once more from a finished dispatch, in which something is due again; return whether it was finished."""
    Dispatch.objects.filter(pk=dispatch_id).update(trackable=None)
    return _move(dispatch_id, (DispatchState.FINISHED,), DispatchState.SENDING, CampaignState.SENDING, "")


def cancel(dispatch_id: int, now: datetime) -> bool:
    """End a dispatch for good: what has not left is never sent. Return whether it was open."""
    with transaction.atomic():
        open_ = (DispatchState.FREEZING, DispatchState.SENDING, DispatchState.PAUSED)
        moved = _move(dispatch_id, open_, DispatchState.CANCELLED, CampaignState.CANCELLED, "")
        if moved:
            waiting = Chunk.objects.filter(dispatch_id=dispatch_id, state__in=[WorkState.READY, WorkState.LEASED])
            waiting.update(state=WorkState.CANCELLED, lease_until=None)
            Retry.objects.filter(dispatch_id=dispatch_id).delete()
            Dispatch.objects.filter(pk=dispatch_id).update(finished_at=now)
        return moved


def _move(
    dispatch_id: int, old: tuple[DispatchState, ...], new: DispatchState, campaign: CampaignState, reason: str
) -> bool:
    with transaction.atomic():
        rows = Dispatch.objects.filter(pk=dispatch_id, state__in=old)
        if not rows.update(state=new, state_reason=reason[:300]):
            return False
        Campaign.objects.filter(dispatches=dispatch_id).update(state=campaign, state_reason=reason[:300])
        return True


def close_finished(now: datetime, dispatch_id: int | None = None) -> list[int]:
    """Finish each dispatch (or the one) in which nothing is open any more, and return their ids."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"now": now, "id": dispatch_id})
        closed = cursor.fetchall()
        campaigns = [campaign for _, campaign in closed if campaign is not None]
        Campaign.objects.filter(pk__in=campaigns).update(state=CampaignState.FINISHED, state_reason="")
    return [dispatch for dispatch, _ in closed]
