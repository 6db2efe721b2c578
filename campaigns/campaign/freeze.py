"""Freezing an audience: messages written by set statements in ranges of contacts, each its own transaction.

No transaction lasts over a second, since an open writer holds up all followers of the ledger; the last one flips the
dispatch to sending, and only then chunks may be claimed. Safe to run twice at once and after a kill: every range is
done under the dispatch's lock and moves `frozen_to` with it.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from campaigns.campaign.audience import Audience, audience_of
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.dispatches import close_finished
from campaigns.sending.models import Dispatch, DispatchState

RANGE = 50_000  # contact ids a transaction
CHUNK = 1_000  # messages a claim
# Ordinals follow the recipients' providers, so that a slow one holds up its own chunks only.
_FREEZE = """
{people}
INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
SELECT %(dispatch)s, id, 0,
       CASE WHEN reason = '' THEN %(base)s + row_number() OVER (PARTITION BY reason = '' ORDER BY domain, id) END,
       coalesce(email, ''), reason
FROM people
"""
_CHUNKS = """
INSERT INTO campaigns_chunk (dispatch_id, first, last, state, due_at, fence, attempts, last_error, holder)
SELECT %(dispatch)s, n, least(n + %(chunk)s - 1, %(size)s), 'ready', %(now)s, 0, 0, '', ''
FROM generate_series(%(base)s + 1, %(size)s, %(chunk)s) AS n
"""


def freeze(dispatch_id: int, clock: Callable[[], datetime]) -> bool:
    """Freeze what is left of the dispatch's audience and open it for sending; return whether this call opened it."""
    while True:
        moved, opened = step(dispatch_id, clock())
        if opened:
            close_finished(clock(), dispatch_id)
        if not moved:
            return opened


def step(dispatch_id: int, now: datetime) -> tuple[bool, bool]:
    """Freeze one range, or flip when none is left; return whether to go on, and whether it was opened."""
    with transaction.atomic():
        locked = Dispatch.objects.select_for_update(of=("self",)).select_related("campaign", "campaign__template")
        dispatch = locked.get(pk=dispatch_id)
        if dispatch.state != DispatchState.FREEZING or dispatch.campaign is None:
            return False, False
        audience = audience_of(dispatch.campaign, dispatch.created_at)
        low = audience.next_contact(dispatch.frozen_to)
        if low is None:
            _open(dispatch, now)
            return False, True
        _freeze_range(dispatch, audience, low, now)
        return True, False


def _freeze_range(dispatch: Dispatch, audience: Audience, low: int, now: datetime) -> None:
    base, high = dispatch.size, low + RANGE - 1
    with connection.cursor() as cursor:
        cursor.execute(
            _FREEZE.format(people=audience.with_people(ranged=True)),
            audience.params(low=low, high=high, dispatch=dispatch.pk, base=base),
        )
        cursor.execute("SELECT coalesce(max(ordinal), 0) FROM campaigns_message WHERE dispatch_id = %s", [dispatch.pk])
        size = cursor.fetchone()[0]
        cursor.execute(_CHUNKS, {"dispatch": dispatch.pk, "base": base, "size": size, "chunk": CHUNK, "now": now})
    Dispatch.objects.filter(pk=dispatch.pk).update(frozen_to=high, size=size)


def _open(dispatch: Dispatch, now: datetime) -> None:
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.SENDING, frozen_at=now)
    Campaign.objects.filter(dispatches=dispatch, state=CampaignState.LAUNCHING).update(state=CampaignState.SENDING)
