"""The one place where the time of day comes from. Doors call it; everything below takes `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
