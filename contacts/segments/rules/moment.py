"""The time at which a rule is judged. Rules never read the clock: the same moment gives the same people."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Moment:
    """`now` is aware; `zone` is the company's; `zones` are the names of the time zones in which contacts live.

    `past`: the moment lies behind, and what was done after it must not count (rehearsals of journeys). Fields are then
    still taken as they are today.
    """

    now: datetime
    zone: ZoneInfo
    zones: tuple[str, ...] = ()
    past: bool = False

    def today(self, zone: ZoneInfo | None = None) -> date:
        """Return the calendar day in `zone` (the company's by default)."""
        return self.now.astimezone(zone or self.zone).date()
