"""Saying whether and how notices are sent. Of two people who save at once the second is told."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, Q

from campaigns.notices.models import ConsentNotice, NoticeSettings
from crm.kit.work import WorkState


class StaleSettings(Exception):
    """Somebody else changed the settings since they were read; nothing was written."""


def save(said: Mapping[str, Any], *, version: int) -> None:
    """Keep the fields of NoticeSettings; `version` is that of what was read, 0 for none. Raises StaleSettings."""
    if version:
        if not NoticeSettings.objects.filter(version=version).update(**said, version=F("version") + 1):
            raise StaleSettings
        return
    try:
        with transaction.atomic():
            NoticeSettings.objects.create(**said)
    except IntegrityError as error:
        raise StaleSettings from error


def figures() -> dict[str, Any]:
    """Return how many notices are told by kind, how many wait, how many of these are late, and the last problem."""
    waiting = Q(state__in=[WorkState.READY, WorkState.LEASED])
    told = Q(state=WorkState.DONE)
    return ConsentNotice.objects.aggregate(
        results=Count("pk", filter=told & Q(kind="result")),
        reminders=Count("pk", filter=told & Q(kind="reminder")),
        waiting=Count("pk", filter=waiting),
        late=Count("pk", filter=waiting & ~Q(last_error="")),
        problem=Max("last_error", filter=waiting),
    )
