"""What happened and is no change of a watched row: sign-ins, a second factor put off, many people changed at once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from crm.team.models import User
from crm.team.trail.acting import actor
from crm.team.trail.kinds import KINDS
from crm.team.trail.models import Door, TrailEntry

RANGE = 20_000
_SAYS_SOMETHING = ~Q(label="") | Q(before__isnull=False) | Q(after__isnull=False)


def record(
    kind: str,
    object_id: int | None,
    verb: str,
    *,
    now: datetime,
    label: str = "",
    by: User | None = None,
    network: str = "",
    door: Door | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry, in the running transaction. `by`, `network`, `door`: where better known than from `actor()`.

    `kind` is one of KINDS. Values must be ready for JSON, and none a secret. Raises KeyError for an unknown kind.
    """
    who = actor()
    TrailEntry.objects.create(
        at=now,
        by=by or who.user,
        door=door or who.door,
        place=who.place[:80],
        network=network or who.network,
        through=who.through[:80],
        kind=KINDS[kind].key,
        object_id=object_id,
        label=label[:200],
        verb=verb,
        before=dict(before) if before else None,
        after=dict(after) if after else None,
    )


def blank(kind: str, object_ids: Collection[int]) -> int:
    """Empty label and values of every entry of these objects, for an erasure; who and when stay.

    Returns how many; a repeat finds none.
    """
    return _emptied(Q(kind=kind, object_id__in=object_ids))


def blank_entries(ids: Collection[int]) -> int:
    """Do the same to these entries, which speak of an erased person without being hers."""
    return _emptied(Q(pk__in=ids))


@transaction.atomic
def _emptied(which: Q) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL wayfare.trail_erasure = 'on'")
        emptied = TrailEntry.objects.filter(which, _SAYS_SOMETHING).update(label="", before=None, after=None)
        cursor.execute("SET LOCAL wayfare.trail_erasure = ''")
    return emptied


def forget(before: datetime) -> int:
    """Delete the entries that are older than `before`, RANGE in a transaction, and return how many."""
    total = 0
    while gone := _forget_some(before):
        total += gone
    return total


@transaction.atomic
def _forget_some(before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL wayfare.trail_retention = 'on'")
        old = TrailEntry.objects.filter(at__lt=before).order_by("at").values("pk")[:RANGE]
        gone, _each = TrailEntry.objects.filter(pk__in=old).delete()
        cursor.execute("SET LOCAL wayfare.trail_retention = ''")
    return gone
