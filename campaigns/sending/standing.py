"""Dispatches that stay open: of a journey's step, whose people come one batch after the other.

The step queues its batch; from there on a message is like any other: consent, exclusion, caps, pauses are asked for
again when it leaves. Reasons for those left out are those of a launch (campaign/audience.py).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from campaigns.campaign.audience import judged, judging
from campaigns.campaign.launch import write_links
from campaigns.campaign.wake import wake_send
from campaigns.rendering.mails import DispatchMails
from campaigns.senders.models import Sender
from campaigns.sending import dispatches
from campaigns.sending.models import Dispatch, DispatchState, FrequencyCap
from campaigns.templating.models import MailKind, MailTemplate
from contacts.topics.models import Topic

CHUNK = 1_000  # messages a claim
# Two batches of one step are queued one after the other: their ordinals follow each other.
_LOCK = (
    "SELECT size, kind, state, state_reason, gives, topic_id FROM campaigns_dispatch "
    "WHERE id = %s AND standing FOR NO KEY UPDATE"
)
# Ordinals follow the recipients' providers within a batch. Somebody who comes by twice has her next occurrence.
_QUEUE = """
{people},
wanted AS (
    SELECT b.id AS row_id, {given} AS given, p.id, p.email, split_part(p.email, '@', 2) AS domain, p.reason,
           p.reason = 'capped' AND {patient} AS waits,
           coalesce((SELECT max(m.occurrence) + 1 FROM campaigns_message m
                     WHERE m.dispatch_id = %(dispatch)s AND m.contact_id = p.id), 0)
           + row_number() OVER (PARTITION BY p.id ORDER BY b.id) - 1 AS occurrence
    FROM {rows} b JOIN people p ON p.id = b.contact_id
),
placed AS (
    SELECT row_id, id, email, reason, occurrence, given, CASE WHEN reason = '' THEN
               %(base)s + row_number() OVER (PARTITION BY reason = '' ORDER BY domain, id, row_id) END AS ordinal
    FROM wanted WHERE NOT waits
),
queued AS (
    INSERT INTO campaigns_message (dispatch_id, contact_id, occurrence, ordinal, email, left_out, given)
    SELECT %(dispatch)s, id, occurrence, ordinal, coalesce(email, ''), reason,
           CASE WHEN reason = '' THEN given END FROM placed ORDER BY ordinal, id
    RETURNING id AS message_id, contact_id, occurrence, left_out
),
done AS (
    UPDATE {rows} b SET facts = coalesce(b.facts, '{{}}') || CASE
        WHEN w.waits THEN '{{"waits": "capped"}}'
        WHEN q.message_id IS NULL THEN '{{"left_out": "erased"}}'
        WHEN q.left_out <> '' THEN jsonb_build_object('message', q.message_id, 'left_out', q.left_out)
        ELSE jsonb_build_object('message', q.message_id) END
    FROM {rows} o
    LEFT JOIN wanted w ON w.row_id = o.id
    LEFT JOIN queued q ON q.contact_id = w.id AND q.occurrence = w.occurrence AND NOT w.waits
    WHERE o.id = b.id
)
SELECT count(*) FROM queued WHERE left_out = ''
"""
_CHUNKS = """
INSERT INTO campaigns_chunk (dispatch_id, first, last, state, due_at, fence, attempts, last_error, holder)
SELECT %(dispatch)s, n, least(n + %(chunk)s - 1, %(size)s), 'ready', %(now)s, 0, 0, '', ''
FROM generate_series(%(base)s + 1, %(size)s, %(chunk)s) AS n
"""


@dataclass(frozen=True)
class Given:
    """SQL (jsonb) over `b`, a row that is queued, of what a mail may show beyond its person; `values` by name."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)


NOTHING_GIVEN = Given("NULL::jsonb")


class CannotQueue(Exception):
    """The dispatch takes no messages now; the text, for the reader, says why."""


def open_standing(
    template: MailTemplate,
    sender: Sender,
    *,
    subject: str = "",
    preheader: str = "",
    topic: Topic | None = None,
    now: datetime,
) -> Dispatch:
    """Open a dispatch of the template's latest version, ready to be queued into; writes its links.

    Raises LaunchRefused where the mail cannot be made, TemplateVersion.DoesNotExist where nothing was saved yet.
    """
    version = template.versions.order_by("-number")[:1].get()
    dispatch = Dispatch.objects.create(
        sender=sender,
        template_version=version,
        kind=version.kind,
        topic=topic,
        subject=subject,
        preheader=preheader,
        state=DispatchState.SENDING,
        standing=True,
        created_at=now,
        frozen_at=now,
    )
    write_links(dispatch)
    if any(each.of_message for each in DispatchMails(dispatch).fields):
        Dispatch.objects.filter(pk=dispatch.pk).update(gives=True)
    return dispatch


def queue(
    cursor: CursorWrapper,
    dispatch_id: int,
    rows: str,
    now: datetime,
    *,
    patient: str = "false",
    given: Given = NOTHING_GIVEN,
) -> int:
    """Queue one message for each row and return how many are to leave; in the caller's transaction.

    `rows` is the name of a table with id, contact_id and facts (jsonb), to which is added {"message": its id}, with
    {"left_out": a LeftOut} for who gets none. `patient`: SQL of ours over `b`, a row; where it holds, who has had
    enough mails of late is not left out but gets {"waits": "capped"}, and no message. `given` is
    kept where the mail names such fields. Raises CannotQueue.
    """
    taken = _locked(cursor, dispatch_id)
    base, topic = taken.size, taken.topic_id
    shown = given if taken.gives else NOTHING_GIVEN
    cap = FrequencyCap.objects.first() if taken.advertising else None
    members = f"SELECT DISTINCT contact_id FROM {rows}"  # noqa: S608 - a name of ours
    people = judged(members, capped=cap is not None, topic=topic is not None, earlier=True)
    params = judging(cap, now, advertising=taken.advertising, topic_id=topic)
    params |= {"dispatch": dispatch_id, "base": base}
    cursor.execute(_QUEUE.format(people=people, rows=rows, patient=patient, given=shown.text), params | shown.values)
    (added,) = cursor.fetchone()
    if added:
        size = base + added
        cursor.execute(_CHUNKS, {"dispatch": dispatch_id, "base": base, "size": size, "chunk": CHUNK, "now": now})
        cursor.execute("UPDATE campaigns_dispatch SET size = %s WHERE id = %s", [size, dispatch_id])
        wake_send()
    return int(added)


class _Taken(NamedTuple):
    """The dispatch that is queued into: whether it advertises, and whether its mails name what is given."""

    size: int
    advertising: bool
    gives: bool
    topic_id: int | None


def _locked(cursor: CursorWrapper, dispatch_id: int) -> _Taken:
    """Lock the dispatch. Raises CannotQueue."""
    cursor.execute(_LOCK, [dispatch_id])
    found = cursor.fetchone()
    if found is None or found[2] in (DispatchState.CANCELLED, DispatchState.FINISHED):
        raise CannotQueue(_("This mail was ended. Publish the journey again."))
    size, kind, state, reason, gives, topic_id = found
    if state == DispatchState.PAUSED and reason:
        raise CannotQueue(_("Sending is paused: %(reason)s") % {"reason": reason})
    return _Taken(size, kind == MailKind.ADVERTISING, gives, topic_id)


def hold(dispatch_ids: Collection[int]) -> None:
    """Hold what has not left yet, while a journey pauses. Harmless to repeat."""
    for dispatch_id in sorted(dispatch_ids):
        dispatches.pause(dispatch_id)


def let_go(dispatch_ids: Collection[int]) -> None:
    """Send on what `hold` held; what was paused for a reason of its own stays so. Harmless to repeat."""
    held = Dispatch.objects.filter(pk__in=dispatch_ids, state=DispatchState.PAUSED, state_reason="")
    for dispatch_id in held.order_by("pk").values_list("pk", flat=True):
        dispatches.resume(dispatch_id)
    wake_send()


def end(dispatch_ids: Collection[int], now: datetime) -> None:
    """End them for good, with the journey: what has not left is never sent. Harmless to repeat."""
    for dispatch_id in sorted(dispatch_ids):
        dispatches.cancel(dispatch_id, now)
