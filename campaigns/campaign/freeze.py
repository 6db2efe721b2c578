"""Freezing an audience: messages written by set statements in ranges of contacts, each its own transaction.

An open writer holds up all followers of the ledger, so ranges are sized to take some 50 ms each. The last transaction
flips the dispatch to sending, and only then chunks may be claimed; it alone waits for the disk, and with it for all
before. Safe to run twice at once and after a kill: every range is done under the dispatch's lock and moves `frozen_to`
with it.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from campaigns.campaign.audience import Audience, audience_of
from campaigns.campaign.models import Campaign, CampaignState
from campaigns.sending.dispatches import close_finished
from campaigns.sending.models import Dispatch, DispatchState
from campaigns.sending.units import commit_for_good
from crm.kit.pace import Pace

RANGE = 10_000  # contact ids a transaction, to begin with
_FEWEST, _MOST = 5_000, 50_000
_SECONDS = 0.05  # aimed at
CHUNK = 1_000  # messages a claim
# Ordinals follow the recipients' providers, so that a slow one holds up its own chunks only, and their ids. Any order
# of the providers will do: 24 bits of the domain's hash and 40 of the id, in one number, sort at a third of the cost of
# both. Who is left out comes last in that order and gets no ordinal.
_FREEZE = """
{people}
INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out)
SELECT %(dispatch)s, id, 0,
       CASE WHEN reason = '' THEN %(base)s + row_number() OVER (ORDER BY place) END,
       coalesce(email, ''), reason
FROM (
    SELECT id, email, reason, CASE WHEN reason = '' THEN
        (hashtext(split_part(email, '@', 2))::bigint << 40) | (id & 1099511627775) END AS place
    FROM people
) AS placed
"""
_CHUNKS = """
INSERT INTO campaigns_chunk (dispatch_id, first, last, state, due_at, fence, attempts, last_error, holder)
SELECT %(dispatch)s, n, least(n + %(chunk)s - 1, %(size)s), 'ready', %(now)s, 0, 0, '', ''
FROM generate_series(%(base)s + 1, %(size)s, %(chunk)s) AS n
"""


def freeze(dispatch_id: int, clock: Callable[[], datetime]) -> bool:
    """Freeze what is left of the dispatch's audience and open it for sending; return whether this call opened it."""
    pace, audience = Pace(RANGE, least=_FEWEST, most=_MOST, seconds=_SECONDS), _audience(dispatch_id)
    while audience is not None:
        with pace.timed() as width:
            moved, opened = step(dispatch_id, clock(), audience, width)
        if opened:
            close_finished(clock(), dispatch_id)
        if not moved:
            return opened
    return False


def _audience(dispatch_id: int) -> Audience | None:
    """Return the campaign's audience, which nobody may change once it was launched."""
    dispatch = Dispatch.objects.select_related("campaign", "campaign__template").get(pk=dispatch_id)
    return audience_of(dispatch.campaign, dispatch.created_at) if dispatch.campaign else None


def step(dispatch_id: int, now: datetime, audience: Audience, width: int = RANGE) -> tuple[bool, bool]:
    """Freeze `width` contact ids, or flip when none is left; return whether to go on, and whether it was opened.

    A crash may take ranges back that were committed, with `frozen_to`; never the flip without them.
    """
    with transaction.atomic():
        dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
        if dispatch.state != DispatchState.FREEZING:
            return False, False
        low = audience.next_contact(dispatch.frozen_to)
        if low is None:
            _open(dispatch, now)
            return False, True
        _need_not_wait_for_the_disk()
        _freeze_range(dispatch, audience, (low, low + width - 1), now)
        return True, False


def _need_not_wait_for_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _freeze_range(dispatch: Dispatch, audience: Audience, ids: tuple[int, int], now: datetime) -> None:
    base, (low, high) = dispatch.size, ids
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
    commit_for_good()
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.SENDING, frozen_at=now)
    Campaign.objects.filter(dispatches=dispatch, state=CampaignState.LAUNCHING).update(state=CampaignState.SENDING)
