"""Noted events become deliveries: one each, or up to 100 in one call."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from contacts.hooks.models import Hook, HookDelivery, HookEvent, HookState
from crm.kit.outgoing import LONGEST_BODY

AT_ONCE = 1_000  # events in one transaction
MOST = 100  # events in one call
GATHERED = timedelta(seconds=5)  # how long the first waits for company
_ROOM = LONGEST_BODY * 3 // 4  # the rest is for quotes and for names that grow meanwhile
_FRAME = 320  # bytes of an event beside its texts
_WAITING = """
SELECT e.id, e.kind, e.noted_at, octet_length(e.properties::text) + octet_length(coalesce(e.subject_key, ''))
    + coalesce(octet_length(c.email) + octet_length(c.name), 0)
FROM contacts_hookevent e LEFT JOIN contacts_contact c ON c.id = e.contact_id
WHERE e.hook_id = %s AND e.delivery_id IS NULL ORDER BY e.id LIMIT %s
"""
_BELONG = """
UPDATE contacts_hookevent e SET delivery_id = g.delivery FROM unnest(%s::bigint[], %s::bigint[]) AS g (event, delivery)
WHERE e.id = g.event
"""

type Waiting = tuple[int, str, datetime, int]  # id, kind, time of noting, bytes


def gather(now: datetime) -> int:
    """Make deliveries of what waits for active webhooks, and return how many. Harmless beside another worker."""
    hooks = HookEvent.objects.filter(delivery=None, hook__state=HookState.ACTIVE).values_list("hook_id", flat=True)
    return sum(_gather(hook_id, now) for hook_id in sorted(set(hooks.distinct())))


def _gather(hook_id: int, now: datetime) -> int:
    made = 0
    while groups := _round(hook_id, now):
        made += groups
    return made


@transaction.atomic
def _round(hook_id: int, now: datetime) -> int:
    hook = (
        Hook.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=hook_id, state=HookState.ACTIVE).first()
    )
    if hook is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [hook_id, AT_ONCE])
        waiting: list[Waiting] = cursor.fetchall()
        groups = list(_groups(waiting, now)) if hook.batched else [[event] for event in waiting]
        rows = HookDelivery.objects.bulk_create([_delivery(hook, group, now) for group in groups])
        pairs = [(event[0], row.pk) for row, group in zip(rows, groups, strict=True) for event in group]
        if pairs:
            cursor.execute(_BELONG, [list(column) for column in zip(*pairs, strict=True)])
    return len(rows)


def _groups(waiting: Iterable[Waiting], now: datetime) -> Iterable[list[Waiting]]:
    """Yield the calls that are full, and the last when its first event has waited long enough."""
    group: list[Waiting] = []
    size = 0
    for event in waiting:
        if group and (len(group) == MOST or size + event[3] + _FRAME > _ROOM):
            yield group
            group, size = [], 0
        group.append(event)
        size += event[3] + _FRAME
    if group and (len(group) == MOST or group[0][2] <= now - GATHERED):
        yield group


def _delivery(hook: Hook, group: list[Waiting], now: datetime) -> HookDelivery:
    about: dict[str, Any] = {"events": len(group), "kinds": sorted({event[1] for event in group})}
    return HookDelivery(hook=hook, made_at=now, due_at=now, **about)
