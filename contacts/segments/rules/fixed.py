"""Times that do not move: days and moments that somebody chose."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.segments.errors import Wrong
from contacts.segments.rules.ranges import Range
from contacts.segments.rules.spans import start_of
from crm.kit import figures

type Time = date | datetime
EARLIEST, LATEST = 1900, 2200


def moment_of(time: Time, zone: ZoneInfo) -> datetime:
    """Return a time in UTC; a day is its first moment in `zone`, and a time without a zone is one of `zone`."""
    if not isinstance(time, datetime):
        return start_of(time, zone)
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)


@dataclass(frozen=True)
class Fixed:
    """The time from `lo` to before `hi`; one of them may be None."""

    lo: Time | None
    hi: Time | None

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:  # noqa: ARG002 - does not move
        """Return the range, the same at any time."""
        return Range(
            None if self.lo is None else moment_of(self.lo, zone), None if self.hi is None else moment_of(self.hi, zone)
        )

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        if self.lo is not None and self.hi is not None:
            return {"between": [self.lo.isoformat(), self.hi.isoformat()]}
        return (
            {"after": self.lo.isoformat()} if self.lo is not None else {"before": str(self.hi and self.hi.isoformat())}
        )

    def words(self) -> str:
        """Return it as an adverb."""
        if self.lo is None:
            return _("before %(hi)s") % {"hi": time_in_words(self.hi)}
        if self.hi is None:
            return _("since %(lo)s") % {"lo": time_in_words(self.lo)}
        return _("from %(lo)s until before %(hi)s") % {"lo": time_in_words(self.lo), "hi": time_in_words(self.hi)}


def time_in_words(time: Time | None) -> str:
    """Return a day, or a day and time, as the reader writes it."""
    if time is None:
        return ""
    if not isinstance(time, datetime):
        return figures.calendar_day(time)
    return f"{figures.calendar_day(time.date())} {time:%H:%M}"


def read_time(raw: Any) -> Time:
    """Return the time of stored JSON, in ISO 8601. Raises Wrong."""
    time = _read(raw) if isinstance(raw, str) else None
    if time is None or not EARLIEST <= time.year <= LATEST:
        raise Wrong(_("“%(value)s” is no date such as 2026-11-21.") % {"value": str(raw)[:40]})
    return time


def _read(raw: str) -> Time | None:
    try:
        return date.fromisoformat(raw) if len(raw) == len("2026-11-21") else datetime.fromisoformat(raw)
    except ValueError:
        return None
