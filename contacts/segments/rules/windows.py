"""When an event must have happened to count: ever, in a range that moves or stands, since a stage or another event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from contacts.ledger.dictionary import kind_ids
from contacts.segments.errors import Wrong
from contacts.segments.rules.deeds import deed, read_kind
from contacts.segments.rules.fixed import Fixed, read_time
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.moving import Ago, Last, MoreThanAgo, Moving
from contacts.segments.rules.periods import CALENDAR_WORDS, Period
from contacts.segments.rules.ranges import Range, passed
from contacts.segments.rules.spans import Span, read_span
from contacts.segments.rules.sql import TRUE, Sql, compose
from contacts.segments.rules.words import filled

NOTHING = Sql("")


class Window(Protocol):
    """A window over events. In SQL it is a test of a time, after a join (alias `w`) on the contact of the time."""

    def range(self, at: Moment) -> Range[datetime]:
        """Return the constant ends, where it has some."""

    def join(self, contact: Sql) -> Sql:
        """Return the join that `test` needs."""

    def test(self, time: Sql, at: Moment) -> Sql:
        """Return the condition that `time` lies in the window; null counts as false."""

    def passed(self, since: Moment, until: Moment) -> tuple[Range[datetime], ...]:
        """Return the ranges of times that may have come in or gone out by time alone."""

    def kinds(self) -> frozenset[str]:
        """Return the event kinds that may move it."""

    def stored(self) -> dict[str, Any] | None:
        """Return the JSON that parses back to an equal window; None for ever."""

    def said(self, what: str) -> str:
        """Return `what`, a part of a sentence, with the window."""


class _Unjoined:
    """A window that needs to know nothing of the person."""

    def join(self, contact: Sql) -> Sql:  # noqa: ARG002 - the protocol's signature
        """Return nothing."""
        return NOTHING

    def kinds(self) -> frozenset[str]:
        """Return nothing."""
        return frozenset()


class _Unmoved:
    """A window without constant ends."""

    def range(self, at: Moment) -> Range[datetime]:  # noqa: ARG002
        """Return all times."""
        return Range()

    def passed(self, since: Moment, until: Moment) -> tuple[Range[datetime], ...]:  # noqa: ARG002
        """Return nothing: time alone changes nothing."""
        return ()


@dataclass(frozen=True)
class Ever(_Unjoined, _Unmoved):
    """All times."""

    def test(self, time: Sql, at: Moment) -> Sql:  # noqa: ARG002
        """Return true."""
        return TRUE

    def stored(self) -> None:
        """Return nothing, as it is written."""

    def said(self, what: str) -> str:
        """Return it unchanged."""
        return what


EVER = Ever()


@dataclass(frozen=True)
class Within(_Unjoined):
    """A range of time. Nothing lies in the future, so an end that is never in the past is none."""

    moving: Moving

    def range(self, at: Moment) -> Range[datetime]:
        """Return the constant ends."""
        found = self.moving.range(at.now, at.zone)
        ahead = isinstance(self.moving, Last) or (isinstance(self.moving, Period) and self.moving.shift >= 0)
        return Range(found.lo) if ahead else found

    def test(self, time: Sql, at: Moment) -> Sql:
        """Return the comparison with both ends."""
        return self.range(at).sql(time)

    def passed(self, since: Moment, until: Moment) -> tuple[Range[datetime], ...]:
        """Return the ranges over which an end moved."""
        return passed(self.range(since), self.range(until))

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal window."""
        return self.moving.stored()

    def said(self, what: str) -> str:
        """Return `what` with the range."""
        return filled(_("%(what)s %(window)s"), what=what, window=self.moving.words())


@dataclass(frozen=True)
class SinceStage(_Unmoved):
    """The time since the present stage was entered; nothing for a person without a stage."""

    def join(self, contact: Sql) -> Sql:
        """Return the join to the contact."""
        return compose("JOIN contacts_contact w ON w.id = {contact}", contact=contact)

    def test(self, time: Sql, at: Moment) -> Sql:  # noqa: ARG002
        """Return the comparison with the time of entering."""
        return compose("{time} >= w.stage_since", time=time)

    def kinds(self) -> frozenset[str]:
        """Return the kind that moves it."""
        return frozenset({"stage.entered"})

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal window."""
        return {"since_stage": True}

    def said(self, what: str) -> str:
        """Return `what` with the window."""
        return filled(_("%(what)s since entering the present stage"), what=what)


@dataclass(frozen=True)
class AfterCreation(_Unmoved):
    """So long after the person was added, and anything before that."""

    span: Span  # of fixed length

    def join(self, contact: Sql) -> Sql:
        """Return the join to the contact."""
        return compose("JOIN contacts_contact w ON w.id = {contact}", contact=contact)

    def test(self, time: Sql, at: Moment) -> Sql:  # noqa: ARG002
        """Return the comparison with the end of the span."""
        return compose("{time} < w.created_at + %s", self.span.length, time=time)

    def kinds(self) -> frozenset[str]:
        """Return nothing: nobody is added twice."""
        return frozenset()

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal window."""
        return {"after_creation": self.span.stored()}

    def said(self, what: str) -> str:
        """Return `what` with the window."""
        return filled(_("%(what)s within %(span)s of being added"), what=what, span=self.span.words())


@dataclass(frozen=True)
class SinceEvent(_Unmoved):
    """The time after the first or last event of a kind, that event not included; nothing for who has none."""

    kind: str
    which: str  # "first" or "last"

    def join(self, contact: Sql) -> Sql:
        """Return the join to the state row of the kind."""
        number = kind_ids([self.kind])[self.kind]
        return compose("JOIN contact_state w ON w.kind_id = %s AND w.contact_id = {contact}", number, contact=contact)

    def test(self, time: Sql, at: Moment) -> Sql:  # noqa: ARG002
        """Return the comparison with the time of that event."""
        return compose(f"{{time}} > w.{self.which}_at", time=time)

    def kinds(self) -> frozenset[str]:
        """Return the kind that moves it."""
        return frozenset({self.kind})

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal window."""
        return {"since": {"did": self.kind, "which": self.which}}

    def said(self, what: str) -> str:
        """Return `what` with the window."""
        first = _("%(what)s since they first %(deed)s")
        last = _("%(what)s since they last %(deed)s")
        return filled(first if self.which == "first" else last, what=what, deed=deed(self.kind))


# --- reading --------------------------------------------------------------------------------------------------------
def _last(raw: Any) -> Window:
    return Within(Last(read_span(raw)))


def _ago(raw: Any) -> Window:
    if not isinstance(raw, dict) or set(raw) != {"from", "to"}:
        raise Wrong(_("“ago” has “from” (the longer time) and “to”."))
    far, near = (_inside(read_span, raw[end], end) for end in ("from", "to"))
    return Within(Ago(far, near))


def _before(raw: Any) -> Window:
    return Within(Fixed(None, read_time(raw)))


def _after(raw: Any) -> Window:
    return Within(Fixed(read_time(raw), None))


def _between(raw: Any) -> Window:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Wrong(_("“between” has two dates."))
    lo, hi = (_inside(read_time, one, place) for place, one in enumerate(raw))
    return Within(Fixed(lo, hi))


def _calendar(raw: Any) -> Window:
    words = {word: period for word, period in CALENDAR_WORDS.items() if period.shift <= 0}
    if not isinstance(raw, str) or raw not in words:
        raise Wrong(_("The calendar knows: %(words)s.") % {"words": ", ".join(words)})
    return Within(words[raw])


def _since_stage(raw: Any) -> Window:
    if raw is not True:
        raise Wrong(_("“since_stage” is true, or is left out."))
    return SinceStage()


def _since(raw: Any) -> Window:
    if not isinstance(raw, dict) or set(raw) != {"did", "which"} or raw["which"] not in ("first", "last"):
        raise Wrong(_("“since” has “did” and “which” (first or last)."))
    return SinceEvent(_inside(read_kind, raw["did"], "did"), raw["which"])


def _after_creation(raw: Any) -> Window:
    span = read_span(raw)
    if span.length is None:
        raise Wrong(_("Here months have no fixed length: write days or weeks."), "unit")
    return AfterCreation(span)


def _inside[T](read: Callable[[Any], T], raw: Any, *path: str | int) -> T:
    """Return read(raw); a fault is told with `path` before its place."""
    try:
        return read(raw)
    except Wrong as error:
        raise Wrong(str(error), *path, *error.path, gone=error.gone) from error


_READERS: Mapping[str, Callable[[Any], Window]] = {
    "last": _last,
    "ago": _ago,
    "more_than_ago": lambda raw: Within(MoreThanAgo(read_span(raw))),
    "before": _before,
    "after": _after,
    "between": _between,
    "calendar": _calendar,
    "since_stage": _since_stage,
    "since": _since,
    "after_creation": _after_creation,
}


def read_window(raw: Any) -> Window:
    """Return the window of stored JSON; nothing means ever. Raises Wrong."""
    if raw is None or raw == {}:
        return EVER
    if not isinstance(raw, dict) or len(raw) != 1 or next(iter(raw)) not in _READERS:
        raise Wrong(_("A window is one of: %(windows)s.") % {"windows": ", ".join(_READERS)})
    [(key, inner)] = raw.items()
    return _inside(_READERS[key], inner, key)
