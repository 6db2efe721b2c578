"""Time zones a person may choose, those of most of our readers first."""

import zoneinfo
from functools import cache

from django.utils.translation import gettext_lazy as _

NEAR = (
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


@cache
def known() -> frozenset[str]:
    """Return the names the machine's time-zone data has, without its technical aliases."""
    return frozenset(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")) | {
        "UTC"
    }


def choices() -> list[tuple[object, list[tuple[str, str]]]]:
    """Return the choices of a select in two groups."""
    rest = sorted(known() - set(NEAR))
    return [
        (_("Often used"), [(name, name.replace("_", " ")) for name in NEAR]),
        (_("All"), [(name, name.replace("_", " ")) for name in rest]),
    ]
