"""The limits of activity: read by the field of rules, changed on the settings page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.errors import StaleEdit
from contacts.habits.models import ActivityLimits
from contacts.segments import saving
from contacts.segments.models import Segment

FIELD = "activity"


def limits() -> ActivityLimits:
    """Return the limits in force; the usual ones while nobody set any."""
    return ActivityLimits.objects.filter(pk=1).first() or ActivityLimits(pk=1)


@transaction.atomic
def set_limits(days: Mapping[str, int], *, version: int, now: datetime) -> None:
    """Set the limits (in days, by name) that were read at `version`, and have segments that ask for them counted anew.

    Raises StaleEdit.
    """
    ActivityLimits.objects.get_or_create(pk=1)
    changed = ActivityLimits.objects.filter(pk=1, version=version).update(**days, version=F("version") + 1)
    if not changed:
        raise StaleEdit(limits())
    for segment in Segment.objects.order_by("pk"):
        if _asks(segment.definition):
            saving.rebuild(segment, now=now)


def _asks(node: Any) -> bool:
    """Tell whether a definition has a condition on the field."""
    if isinstance(node, Mapping):
        return node.get("field") == FIELD or any(_asks(child) for child in node.values())
    return isinstance(node, list) and any(_asks(child) for child in node)
