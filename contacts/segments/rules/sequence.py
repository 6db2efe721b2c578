"""The leaf that asks for deeds in order: did A, then B within 7 days, then not C within 2 days.

A step is strictly after the last deed before it, and its span counts from there. "Not within" is true only once the
span is over; "not" without a span holds until it happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.errors import Problem, Wrong
from contacts.segments.rules.deeds import ANY
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.occurrence import ALL_READ, Occurrence, part, read_occurrence
from contacts.segments.rules.parsing import LeafKind, Path, unknown_keys
from contacts.segments.rules.ranges import Range
from contacts.segments.rules.shapes import SEQUENCE
from contacts.segments.rules.spans import Span, read_span
from contacts.segments.rules.sql import TRUE, Sql, compose, joined
from contacts.segments.rules.tree import Form
from contacts.segments.rules.windows import EVER, Window, Within, read_window
from contacts.segments.rules.words import filled
from crm.kit import figures

LONGEST = 6
_FIRST_KEYS = {"did", "on", "where", "window"}
_STEP_KEYS = {"did", "did_not", "on", "where", "within"}


@dataclass(frozen=True)
class Step:
    """What came after the last deed, or (not `done`) did not; within a span of fixed length, or at any time."""

    what: Occurrence
    done: bool = True
    within: Span | None = None

    @property
    def length(self) -> timedelta | None:
        """The span as a length; None for any time."""
        return self.within.length if self.within else None

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal step."""
        kept = {"did" if self.done else "did_not": self.what.kind} | self.what.stored()
        return kept | ({"within": self.within.stored()} if self.within else {})

    def said(self, before: str) -> str:
        """Return the sentence so far with this step."""
        span = self.within.words() if self.within else ""
        pattern = {
            (True, True): _("%(before)s, then %(deed)s within %(span)s"),
            (True, False): _("%(before)s, then %(deed)s"),
            (False, True): _("%(before)s, then never %(deed)s within %(span)s"),
            (False, False): _("%(before)s, then never %(deed)s"),
        }[self.done, bool(span)]
        return filled(pattern, before=before, deed=self.what.said(), span=span)


@dataclass(frozen=True)
class _Anchor:
    """The last deed: its alias, and the constant range in which it lies."""

    alias: str
    times: Range[datetime]

    def following(self, length: timedelta | None) -> Range[datetime]:
        """Return the range of what may follow within `length`, so that other months need not be looked at."""
        ends = self.times.hi if length else None
        return Range(self.times.lo, ends + length + timedelta(microseconds=1) if ends and length else None)


@dataclass(frozen=True)
class Sequence:
    """A first deed in a window, and up to five steps after it."""

    first: Occurrence
    window: Window
    steps: tuple[Step, ...]

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""
        window = self.window.stored()
        first = {"did": self.first.kind} | self.first.stored() | ({"window": window} if window else {})
        return {"sequence": [first, *(step.stored() for step in self.steps)]}

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is never null."""
        begun = self._begun(form, at)
        if form is Form.SET:
            return compose("c.id IN (SELECT e1.contact_id {begun})", begun=begun)
        return compose("coalesce((SELECT true {begun} LIMIT 1), false)", begun=begun)

    def _begun(self, form: Form, at: Moment) -> Sql:
        """Return "FROM … e1 WHERE …" for the first deeds after which all steps came true."""
        times = self.window.range(at)
        return compose(
            "FROM ({rows}) AS e1 {join} WHERE {window} AND {rest}",
            rows=self.first.rows(form, times, at),
            join=self.window.join(Sql("e1.contact_id")),
            window=self.window.test(Sql("e1.occurred_at"), at),
            rest=self._after(0, _Anchor("e1", times), form, at),
        )

    def _after(self, place: int, last: _Anchor, form: Form, at: Moment) -> Sql:
        """Return the condition that the steps from `place` on came true after the deed `last`."""
        if place == len(self.steps):
            return TRUE
        step = self.steps[place]
        times = last.following(step.length)
        here = _Anchor(f"e{place + 2}", times)
        rows = compose(
            f"FROM ({{rows}}) AS {here.alias} WHERE {here.alias}.contact_id = {last.alias}.contact_id AND {{follows}}",
            rows=step.what.rows(form, times, at),
            follows=_follows(here, last, step.length),
        )
        if step.done:
            rest = self._after(place + 1, here, form, at)
            return compose("EXISTS (SELECT {rows} AND {rest})", rows=rows, rest=rest)
        over = TRUE if step.length is None else Sql(f"{last.alias}.occurred_at < %s", (at.now - step.length,))
        rest = self._after(place + 1, last, form, at)
        return compose("{over} AND NOT EXISTS (SELECT {rows}) AND {rest}", over=over, rows=rows, rest=rest)

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return those whose first deed came into the window or out of it, or for whom a span of "not" ran out."""
        moved = [(self.first, times) for times in self.window.passed(since, until)]
        last = self.first
        for step in self.steps:
            if step.done:
                last = step.what
            elif step.length is not None:
                moved.append((last, Range(since.now - step.length, until.now - step.length)))
        return tuple(
            compose(
                "SELECT e.contact_id FROM event e WHERE {test} AND {times}",
                test=what.test(),
                times=times.sql(Sql("e.occurred_at")),
            )
            for what, times in moved
        )

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ."""
        return self.first.kinds().union(self.window.kinds(), *(step.what.kinds() for step in self.steps))

    def segments(self) -> frozenset[int]:
        """Return nothing: no segment is read."""
        return frozenset()

    def sentence(self) -> str:
        """Return the question in words."""
        said = self.window.said(self.first.said())
        for step in self.steps:
            said = step.said(said)
        return said

    def slow_because(self) -> str:
        """Return why it takes long over everybody, if it does."""
        return "" if isinstance(self.window, Within) else str(ALL_READ)

    def decided_by(self, at: Moment) -> Sql:
        """Return when the last such sequence began."""
        return compose("(SELECT to_jsonb(max(e1.occurred_at)) {begun})", begun=self._begun(Form.SCALAR, at))

    def shown(self, value: Any) -> str:
        """Return that time in words."""
        if value is None:
            return _("not in this order")
        return filled(_("begun on %(day)s"), day=figures.day_and_time(datetime.fromisoformat(value)))


def _follows(here: _Anchor, last: _Anchor, length: timedelta | None) -> Sql:
    after = Sql(f"{here.alias}.occurred_at > {last.alias}.occurred_at")
    if length is None:
        return after
    soon = Sql(f"{here.alias}.occurred_at <= {last.alias}.occurred_at + %s", (length,))
    return joined(" AND ", [after, soon])


# --- reading --------------------------------------------------------------------------------------------------------
_NO_STEP = Step(Occurrence(ANY))  # stands for one that could not be read


def _parse(raw: Mapping[str, Any], path: Path, problems: list[Problem]) -> Sequence | None:
    problems += unknown_keys(raw, {"sequence"}, path)
    steps = raw["sequence"]
    if not isinstance(steps, list) or not 2 <= len(steps) <= LONGEST or not all(isinstance(s, dict) for s in steps):
        message = _("A sequence has 2 to %(most)d steps.") % {"most": LONGEST}
        problems.append(Problem((*path, "sequence"), message))
        return None
    found: list[Problem] = []
    read = [_step(step, (*path, "sequence", place), found) for place, step in enumerate(steps)]
    problems += found
    if found:
        return None
    first, window = read[0]
    return Sequence(first.what, window, tuple(step for step, _window in read[1:]))


def _step(raw: Mapping[str, Any], path: Path, problems: list[Problem]) -> tuple[Step, Window]:
    """Return a step and, for the first, its window."""
    is_first = path[-1] == 0
    problems += unknown_keys(raw, _FIRST_KEYS if is_first else _STEP_KEYS, path)
    if len({"did", "did_not"} & raw.keys()) != 1 or (is_first and "did" not in raw):
        problems.append(Problem(path, _("A step has “did” or “did_not”, the first one “did”.")))
        return _NO_STEP, EVER
    try:
        if is_first:
            return Step(read_occurrence(raw)), part(lambda: read_window(raw.get("window")), "window")
        return _later(raw), EVER
    except Wrong as error:
        problems.append(error.at(path))
        return _NO_STEP, EVER


def _later(raw: Mapping[str, Any]) -> Step:
    done = "did" in raw
    within = part(lambda: read_span(raw["within"]), "within") if "within" in raw else None
    if within is not None and within.length is None:
        raise Wrong(_("Between two steps months have no fixed length: write days or weeks."), "within", "unit")
    return Step(read_occurrence(raw, "did" if done else "did_not"), done, within)


SEQUENCE_LEAF = LeafKind("sequence", _parse, SEQUENCE)
