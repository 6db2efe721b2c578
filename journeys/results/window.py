"""How far back numbers of a journey reach. Numbers are kept by hour, so every stretch begins at a full hour (UTC)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

ALL = "all"
CHOICES: tuple[tuple[str, Any], ...] = (
    ("1", _("24 hours")),
    ("7", _("7 days")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    (ALL, _("All time")),
)
USUAL = "30"


@dataclass(frozen=True)
class Window:
    """A stretch of time that ends now; `since` is None for all time."""

    key: str
    since: datetime | None


def window(key: str, now: datetime) -> Window:
    """Return the stretch with this key. Raises ValueError for one that does not exist."""
    if key not in dict(CHOICES):
        raise ValueError(key)
    if key == ALL:
        return Window(key, None)
    begin = now - timedelta(days=int(key))
    return Window(key, begin.replace(minute=0, second=0, microsecond=0))
