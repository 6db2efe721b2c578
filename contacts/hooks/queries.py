"""Reads of the pages and the API of webhooks."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from contacts.hooks.models import Hook, HookDelivery
from crm.kit.paging import Page, keyset_page
from crm.kit.work import WorkState

LOG = ("-made_at", "-pk")
STATES = {"waiting": (WorkState.READY, WorkState.LEASED), "done": (WorkState.DONE,), "failed": (WorkState.FAILED,)}


def hooks() -> QuerySet[Hook]:
    """Return all webhooks by name, with how many calls wait or failed, and when the last one was made."""
    waiting, failed = Q(deliveries__state__in=STATES["waiting"]), Q(deliveries__state=WorkState.FAILED)
    return Hook.objects.select_related("owner", "segment").annotate(
        waiting=Count("deliveries", filter=waiting),
        failed=Count("deliveries", filter=failed),
        called_at=Max("deliveries__tried_at"),
    )


def log(hook: Hook, state: str = "", cursor: str = "", size: int = 50) -> Page[Any]:
    """Return a page of a webhook's deliveries, the newest first; `state` is a key of STATES or ""."""
    rows = HookDelivery.objects.filter(hook=hook)
    if state in STATES:
        rows = rows.filter(state__in=STATES[state])
    return keyset_page(rows, LOG, cursor=cursor, size=size)


def is_resting(hook: Hook, now: datetime) -> bool:
    """Tell whether calls wait because the last one failed."""
    return hook.rest_until is not None and hook.rest_until > now
