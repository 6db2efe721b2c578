"""What a person decides on mails of which nobody knows whether they arrived: send them again, or count them as sent.

A mail that will be sent once more by itself is not hers to decide on. Who decided stands in the events.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from campaigns.campaign.wake import wake_send
from campaigns.mailers.protocol import UNCERTAIN
from campaigns.mailers.replies import Outcome
from campaigns.sending.dispatches import reopen
from campaigns.sending.models import Dispatch, DispatchState, Message, Retry
from campaigns.sending.record import postpone
from campaigns.sending.recovery import look_up
from campaigns.sending.states import RELEASED, MessageState, message_state
from contacts.ledger.append import NewEvent, append
from contacts.ledger.models import Event
from crm.team.models import User


class Held(NamedTuple):
    """One mail in doubt: its message, the contact it was written for, and when it was handed over."""

    message_id: int
    contact_id: int
    at: datetime


def held(dispatch: Dispatch) -> list[Held]:
    """Return the mails in doubt that wait for a person."""
    handed = Event.objects.filter(
        kind__key=UNCERTAIN,
        subject__type="dispatch",
        subject__key=str(dispatch.pk),
        properties__has_key="message",
        occurred_at__gte=dispatch.created_at - timedelta(days=1),
    )
    at: dict[int, datetime] = {}
    for facts, moment in handed.order_by("occurred_at", "pk").values_list("properties", "occurred_at"):
        at[int(facts["message"])] = moment
    waiting = Retry.objects.filter(dispatch=dispatch).values("message_id")
    pairs = list(
        Message.objects.filter(dispatch=dispatch, pk__in=at)
        .exclude(pk__in=waiting)
        .order_by("ordinal")
        .values_list("pk", "contact_id")
    )
    kinds = look_up(dispatch, pairs)
    return [
        Held(message, contact, at[message])
        for message, contact in pairs
        if message_state(kinds[message]) is MessageState.UNCERTAIN
    ]


def send_again(dispatch_id: int, *, by: User, now: datetime, only: Collection[int] | None = None) -> int:
    """Have the held mails of a dispatch (`only` these messages) handed over once more, if they still may be.

    Returns how many. They keep their Message-ID. A repeat finds none. A cancelled dispatch sends nothing more: 0.
    """
    with transaction.atomic():
        dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
        if dispatch.state == DispatchState.CANCELLED:
            return 0
        found = _chosen(dispatch, only)
        _append(dispatch, found, RELEASED, by, now, times=[now] * len(found))
        postpone(dispatch, [(mail.message_id, 0) for mail in found], [now] * len(found))
        if found:
            reopen(dispatch_id)
            wake_send()
        return len(found)


def _chosen(dispatch: Dispatch, only: Collection[int] | None) -> list[Held]:
    return [mail for mail in held(dispatch) if only is None or mail.message_id in only]


def count_as_sent(dispatch_id: int, *, by: User, now: datetime, only: Collection[int] | None = None) -> int:
    """Take the held mails (`only` these messages) for arrived, at the time they were handed over; return how many.

    A repeat finds none.
    """
    with transaction.atomic():
        dispatch = Dispatch.objects.select_for_update().get(pk=dispatch_id)
        found = _chosen(dispatch, only)
        _append(dispatch, found, Outcome.SENT.kind, by, now, times=[mail.at for mail in found])
        return len(found)


def _append(
    dispatch: Dispatch, found: Sequence[Held], kind: str, by: User, now: datetime, *, times: Sequence[datetime]
) -> None:
    about = ("dispatch", str(dispatch.pk))
    events = [
        NewEvent(mail.contact_id, kind, at, about, properties={"message": mail.message_id, "by": by.pk})
        for mail, at in zip(found, times, strict=True)
    ]
    append(events, source="campaigns", now=now)
