"""Ranges that move with the clock: in the last 7 days, more than 3 months ago. Calendar words are in periods.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.segments.rules.ranges import Range
from contacts.segments.rules.spans import Span


class Moving(Protocol):
    """A range whose ends depend on the time and the zone, and never move back."""

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""

    def words(self) -> str:
        """Return it as an adverb in the active language: in the last 30 days."""


@dataclass(frozen=True)
class Last:
    """The time from a span ago until now."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.span.before(now, zone), now)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"last": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("in the last %(span)s") % {"span": self.span.words()}


@dataclass(frozen=True)
class Next:
    """The time from now until a span ahead."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(now, self.span.after(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"next": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("in the next %(span)s") % {"span": self.span.words()}


@dataclass(frozen=True)
class Ago:
    """The time between two spans ago, the longer one first."""

    far: Span
    near: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.far.before(now, zone), self.near.before(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"ago": {"from": self.far.stored(), "to": self.near.stored()}}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("between %(far)s and %(near)s ago") % {"far": self.far.words(), "near": self.near.words()}


@dataclass(frozen=True)
class MoreThanAgo:
    """Everything before a span ago."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(None, self.span.before(now, zone))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"more_than_ago": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("more than %(span)s ago") % {"span": self.span.words()}


@dataclass(frozen=True)
class MoreThanAhead:
    """Everything after a span ahead."""

    span: Span

    def range(self, now: datetime, zone: ZoneInfo) -> Range[datetime]:
        """Return the range at `now`."""
        return Range(self.span.after(now, zone), None)

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal range."""
        return {"more_than_ahead": self.span.stored()}

    def words(self) -> str:
        """Return it as an adverb."""
        return _("more than %(span)s from now") % {"span": self.span.words()}
