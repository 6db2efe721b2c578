"""The leaf that asks what a person did: {"did": "mail.opened", "times": {"operator": "at_least", "n": 3}, "window": …}.

State rows answer where they are exact (known.py); else the events of the window are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.segments.errors import Problem, Wrong
from contacts.segments.rules.amounts import NEVER, ONCE, Amount, By, read_measure, read_times
from contacts.segments.rules.known import ANYTIME, first_times, is_known, known, summary
from contacts.segments.rules.moment import Moment
from contacts.segments.rules.occurrence import ALL_READ, Occurrence, part, read_occurrence
from contacts.segments.rules.parsing import LeafKind, Path, unknown_keys
from contacts.segments.rules.shapes import DID
from contacts.segments.rules.sql import Sql, compose, negated
from contacts.segments.rules.tree import Form
from contacts.segments.rules.windows import EVER, Window, Within, read_window
from contacts.segments.rules.words import filled
from crm.kit import figures

_KEYS = {"did", "on", "where", "times", "window", "measure", "first"}


@dataclass(frozen=True)
class Did:
    """How often, or how much, in a window. Without any event a count is 0, so "at most 2" includes never."""

    what: Occurrence
    amount: Amount = ONCE
    window: Window = EVER

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""
        kept = {"did": self.what.kind} | self.what.stored()
        if self.amount != ONCE:
            kept["times" if self.amount.by is By.COUNT else "measure"] = self.amount.stored()
        window = self.window.stored()
        return kept | ({"window": window} if window else {})

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is never null; an amount that includes never is the opposite of its opposite."""
        from_state = known(self.what, self.amount, self.window, form, at)
        if from_state is not None:
            return from_state
        return self._over_everybody(at) if form is Form.SET else self._of_one(at)

    def _over_everybody(self, at: Moment) -> Sql:
        events = self.what.happened(Form.SET, self.window, at)
        if self.amount in (ONCE, NEVER):
            once = compose("c.id IN (SELECT e.contact_id {events})", events=events)
            return once if self.amount == ONCE else negated(once)
        test = self.amount.holds(self.amount.taken())
        grouped = "c.id IN (SELECT e.contact_id {events} GROUP BY e.contact_id HAVING {test})"
        if self.amount.includes_never:
            return negated(compose(grouped, events=events, test=negated(test)))
        return compose(grouped, events=events, test=test)

    def _of_one(self, at: Moment) -> Sql:
        events = self.what.happened(Form.SCALAR, self.window, at)
        if self.amount in (ONCE, NEVER):
            once = compose("coalesce((SELECT true {events} LIMIT 1), false)", events=events)
            return once if self.amount == ONCE else negated(once)
        if self.amount.ends is None:
            test = self.amount.holds(self.amount.taken())
            return compose("coalesce((SELECT {test} {events}), false)", test=test, events=events)
        least, most = self.amount.ends
        test = self.amount.holds(Sql("count(*)"))
        enough = least if most is None else most + 1  # more need not be counted
        few = "(SELECT {test} FROM (SELECT 1 {events} LIMIT %s) AS few)"
        return compose(few, enough, test=test, events=events)

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return those with an event that time alone brought into the window or out of it."""
        return tuple(
            compose(
                "SELECT e.contact_id FROM event e WHERE {test} AND {times}",
                test=self.what.test(),
                times=times.sql(Sql("e.occurred_at")),
            )
            for times in self.window.passed(since, until)
        )

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ."""
        return self.what.kinds() | self.window.kinds()

    def segments(self) -> frozenset[int]:
        """Return nothing: no segment is read."""
        return frozenset()

    def sentence(self) -> str:
        """Return the question in words."""
        return self.window.said(self.amount.said(self.what.said()))

    def slow_because(self) -> str:
        """Return why it takes long over everybody, if it does: neither state rows nor a range of time help."""
        anytime = not isinstance(self.window, Within)
        return str(ALL_READ) if anytime and not is_known(self.what, self.amount, self.window) else ""

    def decided_by(self, at: Moment) -> Sql:
        """Return how often and when last, and the figure that is compared."""
        known_of_all_time = summary(self.what) if self.window == EVER and self.amount.by is By.COUNT else None
        if known_of_all_time is not None:  # counts what lies in dropped months too
            return known_of_all_time
        measure = Sql("NULL::text") if self.amount.by is By.COUNT else compose("({x})::text", x=self.amount.taken())
        return compose(
            "(SELECT jsonb_build_object('n', count(*), 'last', max(e.occurred_at), 'figure', {measure}) {events})",
            measure=measure,
            events=self.what.happened(Form.SCALAR, self.window, at),
        )

    def shown(self, value: Any) -> str:
        """Return such a value in words."""
        return times_in_words(value)


def times_in_words(value: Any) -> str:
    """Return {"n", "last", "figure"} in words, such as 3 times with the last time."""
    if not value or not value["n"]:
        return _("never")
    said = ngettext("%(n)s time", "%(n)s times", value["n"]) % {"n": figures.count(value["n"])}
    if value.get("last"):
        last = figures.day_and_time(datetime.fromisoformat(value["last"]))
        said = filled(_("%(times)s, last on %(last)s"), times=said, last=last)
    if value.get("figure") is not None:
        said = filled(_("%(times)s: %(figure)s"), times=said, figure=str(value["figure"]))
    return said


@dataclass(frozen=True)
class FirstEver:
    """The very first event of all times lies in the window."""

    what: Occurrence
    window: Window

    def stored(self) -> dict[str, Any]:
        """Return the JSON that parses back to an equal leaf."""
        return {"did": self.what.kind} | self.what.stored() | {"first": True, "window": self.window.stored()}

    def sql(self, form: Form, at: Moment) -> Sql:
        """Return a condition that is never null."""
        first = compose(
            "SELECT f.contact_id FROM ({first}) AS f {join} WHERE {test}",
            first=self._first(form, at),
            join=self.window.join(Sql("f.contact_id")),
            test=self.window.test(Sql("f.first_at"), at),
        )
        if form is Form.SET:
            return compose("c.id IN ({first})", first=first)
        return compose("coalesce((SELECT true FROM ({first}) AS found LIMIT 1), false)", first=first)

    def _first(self, form: Form, at: Moment) -> Sql:
        """Return a SELECT of contact_id and first_at, from state rows where they have it."""
        from_state = first_times(self.what, form, at)
        if from_state is not None:
            return from_state
        return compose(
            "SELECT e.contact_id, min(e.occurred_at) AS first_at {events} GROUP BY e.contact_id",
            events=self.what.happened(form, EVER, at),
        )

    def crossings(self, since: Moment, until: Moment) -> tuple[Sql, ...]:
        """Return those with an event that time alone brought into the window or out; their first is among them."""
        return Did(self.what, ONCE, self.window).crossings(since, until)

    def kinds(self) -> frozenset[str]:
        """Return the event kinds after which the answer may differ."""
        return self.what.kinds() | self.window.kinds()

    def segments(self) -> frozenset[int]:
        """Return nothing: no segment is read."""
        return frozenset()

    def sentence(self) -> str:
        """Return the question in words."""
        return self.window.said(filled(_("%(what)s for the first time ever"), what=self.what.said()))

    def slow_because(self) -> str:
        """Return why it takes long over everybody, if it does."""
        return "" if first_times(self.what, Form.SCALAR, ANYTIME) else str(ALL_READ)

    def decided_by(self, at: Moment) -> Sql:
        """Return the time of the first."""
        return compose("(SELECT to_jsonb(f.first_at) FROM ({first}) AS f)", first=self._first(Form.SCALAR, at))

    def shown(self, value: Any) -> str:
        """Return that time in words."""
        if value is None:
            return _("never")
        return filled(_("first on %(day)s"), day=figures.day_and_time(datetime.fromisoformat(value)))


# --- reading --------------------------------------------------------------------------------------------------------
def _parse(raw: Mapping[str, Any], path: Path, problems: list[Problem]) -> Did | FirstEver | None:
    problems += unknown_keys(raw, _KEYS, path)
    try:
        return _read(raw)
    except Wrong as error:
        problems.append(error.at(path))
        return None


def _read(raw: Mapping[str, Any]) -> Did | FirstEver:
    what = read_occurrence(raw)
    window: Window = part(lambda: read_window(raw.get("window")), "window")
    if "first" in raw:
        return _first_ever(raw, what, window)
    if "times" in raw and "measure" in raw:
        raise Wrong(_("Ask how often or how much, not both."), "measure")
    if "measure" in raw:
        return Did(what, part(lambda: read_measure(raw["measure"]), "measure"), window)
    return Did(what, part(lambda: read_times(raw["times"]), "times") if "times" in raw else ONCE, window)


def _first_ever(raw: Mapping[str, Any], what: Occurrence, window: Window) -> FirstEver:
    if raw["first"] is not True or window == EVER or {"times", "measure"} & raw.keys():
        raise Wrong(_("The first time ever is asked with a window, and without times or measure."), "first")
    return FirstEver(what, window)


DID_LEAF = LeafKind("did", _parse, DID)
