"""How one person of the demo goes through a journey: as its engine would have led her; what she does is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.runtime.demo.cast import Persona
from journeys.engine.models import End
from journeys.graph.graph import Graph, Step
from journeys.steps.wait_event import PATIENCE

_SEOUL = ZoneInfo("Asia/Seoul")
_UNITS = {"hours": timedelta(hours=1), "days": timedelta(days=1)}
_AT_ONCE = timedelta(seconds=2)


@dataclass(frozen=True)
class Passed:
    """A step that she took."""

    step: str
    outlet: str
    arrived_at: datetime
    left_at: datetime


@dataclass(frozen=True)
class Mailed:
    """A mail that she got, and what she did with it before now."""

    step: str
    sent_at: datetime
    opened_at: datetime | None
    clicked_at: datetime | None


@dataclass
class Walk:
    """Her way so far: at `step` since `arrived_at`, until `due_at` where she is inside still."""

    persona: Persona
    entered_at: datetime
    facts: Mapping[str, Any] | None
    step: str
    arrived_at: datetime
    passed: list[Passed] = field(default_factory=list)
    mails: list[Mailed] = field(default_factory=list)
    due_at: datetime | None = None
    ended_at: datetime | None = None
    end: End | None = None


@dataclass(frozen=True)
class Exit:
    """When and why she leaves, if she has not come to the end by then."""

    at: datetime
    why: End


@dataclass(frozen=True)
class Walker:
    """Leads people through one drawing up to `now`. `wakes`: who opens a mail has left the segment of the quiet."""

    rng: Random
    graph: Graph
    now: datetime
    wakes: bool = False

    def walk(self, persona: Persona, at: datetime, leaves: Exit | None, facts: Mapping[str, Any] | None = None) -> Walk:
        """Return her way from coming in at `at`."""
        way = Walk(persona, at, facts, self.graph.first, at)
        while way.due_at is None and way.ended_at is None:
            leaves = self._step(way, leaves)
        return way

    def _step(self, way: Walk, leaves: Exit | None) -> Exit | None:
        """Take one step, or stay, or leave; return when she leaves, which a mail may have changed."""
        step = self.graph.by_key[way.step]
        outlet, due = self._due(step, way)
        if leaves is not None and leaves.at <= min(due, self.now):
            way.end, way.ended_at = leaves.why, max(leaves.at, way.arrived_at)
        elif due > self.now:
            way.due_at = due
        else:
            way.passed.append(Passed(step.key, outlet, way.arrived_at, due))
            target = self.graph.targets.get((step.key, outlet))
            way.step, way.arrived_at = target or step.key, due if target else way.arrived_at
            if target is None:
                way.end, way.ended_at = End.COMPLETED, due
            if step.kind == "send_email":
                return self._mailed(step, way, due, leaves)
        return leaves

    def _due(self, step: Step, way: Walk) -> tuple[str, datetime]:
        """Return by which way she leaves the step, and when."""
        settings, at = step.settings, way.arrived_at
        if step.kind == "wait" and settings["until"] == "span":
            return "next", at + settings["n"] * _UNITS[settings["unit"]]
        if step.kind == "wait":
            return "next", _morning(at, settings["weekdays"])
        if step.kind == "wait_event":
            until = at + settings["n"] * _UNITS[settings["unit"]]
            clicks = [mail.clicked_at for mail in way.mails if mail.step == settings["mail"] and mail.clicked_at]
            clicked = next((each for each in clicks if each <= until), None)
            return ("happened", max(clicked, at)) if clicked else ("timed_out", until + PATIENCE)
        return "next", at + _AT_ONCE

    def _mailed(self, step: Step, way: Walk, at: datetime, leaves: Exit | None) -> Exit | None:
        """Write down the mail, and what she does with it; return when she leaves now."""
        rng = self.rng
        sent = at + timedelta(seconds=rng.uniform(1, 5))
        opened = clicked = None
        if way.persona.tracked and rng.random() < (0.25 if self.wakes else 0.5):
            opened = sent + timedelta(minutes=rng.expovariate(1 / 200))
            clicked = opened + timedelta(seconds=rng.randint(6, 90)) if rng.random() < 0.4 else None
        mail = Mailed(step.key, sent, _past(opened, self.now), _past(clicked, self.now))
        way.mails.append(mail)
        if self.wakes and mail.opened_at and way.ended_at is None and (leaves is None or mail.opened_at < leaves.at):
            return Exit(mail.opened_at, End.LEFT_SEGMENT)
        return leaves


def _past(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at < now else None


def _morning(at: datetime, weekdays: list[int]) -> datetime:
    """Return the next ten o'clock in Seoul on one of these days."""
    day = at.astimezone(_SEOUL)
    ten = datetime.combine(day.date(), time(10), _SEOUL)
    while ten < at or (weekdays and ten.isoweekday() not in weekdays):
        ten += timedelta(days=1)
    return ten
