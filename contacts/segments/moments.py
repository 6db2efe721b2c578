"""The moment at which segments are judged: now, the company's time zone, and the zones in which people live."""

import time
from dataclasses import replace
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from contacts.segments.rules.moment import Moment

_REMEMBERED = 60.0  # seconds
# One step in the index from zone to zone, however many people there are.
_ZONES = """
WITH RECURSIVE zone AS (
    (SELECT time_zone FROM contacts_contact WHERE time_zone <> '' ORDER BY time_zone LIMIT 1)
    UNION ALL
    SELECT (SELECT c.time_zone FROM contacts_contact c WHERE c.time_zone <> '' AND c.time_zone > zone.time_zone
            ORDER BY c.time_zone LIMIT 1)
    FROM zone WHERE zone.time_zone IS NOT NULL
)
SELECT time_zone FROM zone WHERE time_zone IS NOT NULL ORDER BY 1
"""


class _Memory:
    """The zones of each database, with when they were read."""

    zones: ClassVar[dict[str, tuple[float, tuple[str, ...]]]] = {}


def moment_at(now: datetime) -> Moment:
    """Return the moment `now`. A zone that nobody lived in a minute ago may be missing: it counts as the company's."""
    return Moment(now, ZoneInfo(settings.TIME_ZONE), _zones())


def past_moment(at: datetime) -> Moment:
    """Return the moment `at` as it was: what was done later does not count."""
    return replace(moment_at(at), past=True)


def _zones() -> tuple[str, ...]:
    database = str(connection.settings_dict["NAME"])
    read_at, zones = _Memory.zones.get(database, (float("-inf"), ()))
    if time.monotonic() - read_at > _REMEMBERED:
        with connection.cursor() as cursor:
            cursor.execute(_ZONES)
            zones = tuple(zone for (zone,) in cursor.fetchall())
        _Memory.zones[database] = (time.monotonic(), zones)
    return zones
