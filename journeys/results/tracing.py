"""The way of one person through journeys: how she came in, each step with its outlet and why, what is next and when.

For her page, the canvas, and a mail's "why did she get this?".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.campaign.causes import Cause
from campaigns.sending.models import LeftOut, Message
from contacts.ledger.kinds import kind_of
from contacts.ledger.queries import events_by_id
from contacts.people.queries import survivor_of
from crm.kit.figures import day_and_time
from crm.team.models import User
from journeys.engine.models import Enrolment, Trace
from journeys.errors import BadGraph
from journeys.graph.filled import FilledStep, fill_step
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.journey.models import JourneyStep, JourneyVersion

MOST = 20  # ways shown on one page


@dataclass(frozen=True)
class Stop:
    """One step she took. `outlet` is "" where there was only one way; `why` says what was special."""

    key: str
    name: str
    icon: str
    outlet: str
    way: str
    why: str
    mail_url: str
    arrived_at: datetime
    left_at: datetime


@dataclass(frozen=True)
class Way:
    """One person in one journey. `ways` are the outlets of the step she is at, with where each leads."""

    enrolment: Enrolment
    version: int
    cause: str
    stops: tuple[Stop, ...]
    here: str
    here_key: str
    icon: str
    ways: tuple[tuple[str, str, str], ...]

    @property
    def is_inside(self) -> bool:
        """Tell whether she is still on her way."""
        return self.enrolment.ended_at is None


def ways(people: Iterable[int], journey_id: int | None = None) -> list[Way]:
    """Return the ways of one person (all her records' ids), the newest first: at most MOST, in five queries."""
    found = Enrolment.objects.filter(contact_id__in=list(people)).select_related("journey", "step")
    if journey_id is not None:
        found = found.filter(journey=journey_id)
    enrolments = list(found.defer("journey__draft").order_by("-entered_at", "-pk")[:MOST])
    traces = list(
        Trace.objects.filter(enrolment__in=[one.pk for one in enrolments]).select_related("step").order_by("visit")
    )
    drawn = _drawn({step.version_id for step in [one.step for one in enrolments] + [one.step for one in traces]})
    causes = _causes(enrolments)
    names = _colleagues(traces)
    return [
        _way(one, [trace for trace in traces if trace.enrolment_id == one.pk], drawn, causes, names)
        for one in enrolments
    ]


class _Version:
    """A version with its steps read once each."""

    def __init__(self, number: int, graph: Graph) -> None:
        self.number, self.graph = number, graph
        self.step = lru_cache(maxsize=None)(self._step)

    def _step(self, key: str) -> FilledStep | None:
        step = self.graph.by_key.get(key)
        return fill_step(step) if step else None

    def name(self, key: str) -> str:
        """Return what a step is called; its key where the drawing cannot be read."""
        found = self.step(key)
        return (found.step.name or found.said) if found else key

    def icon(self, key: str) -> str:
        """Return the icon of a step's kind."""
        found = self.step(key)
        return found.kind.icon if found and found.kind else "help"

    def outlets(self, key: str) -> Mapping[str, str]:
        """Return the ways out of a step by key."""
        found = self.step(key)
        return {one.key: str(one.label) for one in found.outlets} if found else {}


def _drawn(ids: Iterable[int]) -> dict[int, _Version]:
    return {row.pk: _Version(row.number, _parsed(row.graph)) for row in JourneyVersion.objects.filter(pk__in=ids)}


def _parsed(stored: Any) -> Graph:
    try:
        return parse(stored)
    except BadGraph:
        return EMPTY


def _causes(enrolments: Iterable[Enrolment]) -> dict[int, str]:
    """Return the event that brought each in, in words, by enrolment."""
    wanted = {one.cause: one for one in enrolments if one.cause is not None}
    events = events_by_id({one.contact_id for one in wanted.values()}, wanted)
    told = {event.id: kind_of(event.kind).sentence(event) for event in events}
    return {one.pk: told[cause] for cause, one in wanted.items() if cause in told}


def _colleagues(traces: Iterable[Trace]) -> dict[int, str]:
    ids = {number for trace in traces if isinstance(number := (trace.facts or {}).get("by"), int)}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def _way(
    one: Enrolment,
    traces: list[Trace],
    drawn: Mapping[int, _Version],
    causes: Mapping[int, str],
    names: Mapping[int, str],
) -> Way:
    version, key = drawn[one.step.version_id], one.step.key
    leads = version.graph.targets
    ahead = [
        (outlet, label, version.name(target) if (target := leads.get((key, outlet))) else _("the end"))
        for outlet, label in version.outlets(key).items()
    ]
    return Way(
        enrolment=one,
        version=version.number,
        cause=causes.get(one.pk, ""),
        stops=tuple(_stop(trace, drawn[trace.step.version_id], names) for trace in traces),
        here=version.name(key),
        here_key=key,
        icon=version.icon(key),
        ways=tuple(ahead),
    )


def _stop(trace: Trace, version: _Version, names: Mapping[int, str]) -> Stop:
    facts, key = trace.facts or {}, trace.step.key
    outlets = version.outlets(key)
    message = facts.get("message")
    return Stop(
        key=key,
        name=version.name(key),
        icon=version.icon(key),
        outlet=outlets.get(trace.outlet, "") if len(outlets) > 1 else "",
        way=trace.outlet,
        why=_why(trace, names),
        mail_url=reverse("campaigns:mail", args=[message])
        if isinstance(message, int) and "left_out" not in facts
        else "",
        arrived_at=trace.arrived_at,
        left_at=trace.left_at,
    )


def _why(trace: Trace, names: Mapping[int, str]) -> str:
    facts = trace.facts or {}
    if trace.outlet == "moved":
        return _("taken to a new version")
    if reason := facts.get("left_out"):
        return _("got no mail: %(why)s") % {"why": LeftOut(reason).label if reason in LeftOut.values else reason}
    if by := facts.get("by"):
        return _("sent on by %(name)s") % {"name": names.get(by, "–")}
    return ""


# --- why did she get this mail? ---------------------------------------------------------------------------------------
def trace_of(message: Message) -> Trace | None:
    """Return the step taken with which a message was written, None for a message of no journey.

    Looked for among her own enrolments, which are few; a step may have millions of traces.
    """
    step = JourneyStep.objects.filter(dispatch=message.dispatch_id).select_related("version").first()
    if step is None:
        return None
    her = [message.contact_id, survivor_of(message.contact_id) or message.contact_id]
    mine = Enrolment.objects.filter(journey=step.version.journey_id, contact_id__in=her).values("pk")
    taken = Trace.objects.filter(enrolment__in=mine, step=step, facts__message=message.pk)
    return taken.select_related("enrolment__journey", "step__version").first()


def told(message: Message) -> Cause | None:
    """Return why a message was written, for its page."""
    trace = trace_of(message)
    if trace is None:
        return None
    one, version = trace.enrolment, trace.step.version
    step = _Version(version.number, _parsed(version.graph)).name(trace.step.key)
    because = _causes([one]).get(one.pk, "")
    facts = {"journey": one.journey.name, "step": step, "day": day_and_time(one.entered_at), "because": because}
    pattern = _("Journey “%(journey)s”: %(step)s. Came in on %(day)s.")
    if because:
        pattern = _("Journey “%(journey)s”: %(step)s. Came in on %(day)s because: %(because)s")
    url = reverse("journeys:person", args=[one.contact_id]) + f"#way-{one.pk}"
    return Cause(pattern % facts, url)
