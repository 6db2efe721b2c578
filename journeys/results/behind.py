"""The people behind each number of a journey: a filter of the people list, `?journey=5:welcome:passed:30:2`.

The parts are the journey, the key of a step ("" for the whole journey), what became of people, the stretch of time
(window.py; "" for all time) and the number of a version ("" for all). Registered by JourneysConfig.ready.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.sending.models import LeftOut
from contacts.people.filters import Asked, Filter
from crm.kit import clock
from crm.team.permissions import Action, may
from journeys.engine.models import End, Enrolment, Trace
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyStep
from journeys.results.figures import steps_of
from journeys.results.window import ALL, window
from journeys.steps.kind import STEP_KINDS

_DID = """
SELECT e.contact_id FROM event e WHERE e.kind_id = (SELECT id FROM ledger_kind WHERE key = %s)
  AND e.subject_id IN (SELECT id FROM ledger_subject WHERE type = 'dispatch' AND key = ANY(%s))
  AND e.occurred_at >= coalesce(%s::timestamptz, '-infinity')
"""
_MAILS = {"sent": "mail.sent", "opened": "mail.opened", "clicked": "mail.clicked"}
WHAT = {
    "entered": gettext_lazy("Came in"),
    "inside": gettext_lazy("Inside now"),
    "held_out": gettext_lazy("Held out to compare"),
    "waiting": gettext_lazy("Here now"),
    "aside": gettext_lazy("Set aside"),
    "passed": gettext_lazy("Went through"),
    "left": gettext_lazy("Left here early"),
    "converted": gettext_lazy("Reached the goal"),
    "left_out": gettext_lazy("Got no mail"),
    "sent": gettext_lazy("Mail sent"),
    "opened": gettext_lazy("Opened"),
    "clicked": gettext_lazy("Clicked"),
}


@dataclass(frozen=True)
class Behind:
    """Which people: `what` is a key of WHAT, with a detail behind a dot ("passed.next", "left.goal")."""

    journey_id: int
    key: str
    what: str
    days: str = ALL
    version: int | None = None

    @classmethod
    def read(cls, value: str) -> "Behind":
        """Read the value of the filter. Raises ValueError."""
        number, key, what, *more = value.split(":")
        days, version = (*more, "", "")[:2]
        if len(more) > 2 or what.partition(".")[0] not in WHAT:
            raise ValueError(value)
        return cls(_natural(number), key, what, days or ALL, _natural(version) if version else None)

    def stored(self) -> str:
        """Return the value that reads back to an equal one."""
        days = "" if self.days == ALL else self.days
        parts = [str(self.journey_id), self.key, self.what, days, str(self.version or "")]
        return ":".join(parts).rstrip(":")

    @property
    def url(self) -> str:
        """The people list with these people alone."""
        return f"{reverse('contacts:people')}?{urlencode({'journey': self.stored()})}"

    @property
    def steps(self) -> QuerySet[JourneyStep]:
        """The rows of the step, one a version; all steps where it is about the whole journey."""
        steps = steps_of(self.journey_id, self.version)
        return steps.filter(key=self.key) if self.key else steps


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**63):
        raise ValueError(text)
    return int(text)


def _condition(value: str, asked: Asked) -> Q:
    behind = Behind.read(value)
    if not may(asked.user, Action.JOURNEY_VIEW):
        raise ValueError(value)
    what, _dot, detail = behind.what.partition(".")
    since = window(behind.days, clock.now()).since
    return Q(pk__in=_PEOPLE[what](behind, detail, since))


# --- who they are ----------------------------------------------------------------------------------------------------
type _Ids = QuerySet[Enrolment, Any] | QuerySet[Trace, Any] | RawSQL


def _enrolments(behind: Behind) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(journey=behind.journey_id, step__in=behind.steps.values("pk"))


def _after(people: QuerySet[Enrolment], field: str, since: datetime | None) -> QuerySet[Enrolment, Any]:
    wanted = {f"{field}__isnull": False} if since is None else {f"{field}__gte": since}
    return people.filter(**wanted).values("contact_id")


def _inside(behind: Behind, _detail: str, _since: datetime | None) -> _Ids:
    return _enrolments(behind).filter(ended_at=None).values("contact_id")


def _aside(behind: Behind, _detail: str, _since: datetime | None) -> _Ids:
    return _enrolments(behind).filter(ended_at=None).exclude(problem="").values("contact_id")


def _entered(behind: Behind, _detail: str, since: datetime | None) -> _Ids:
    return _after(_enrolments(behind).exclude(end=End.HELD_OUT), "entered_at", since)


def _held_out(behind: Behind, detail: str, since: datetime | None) -> _Ids:
    people = _enrolments(behind).filter(end=End.HELD_OUT)
    if detail == "converted":
        people = people.filter(goal_at__isnull=False)
    return _after(people, "entered_at", since)


def _converted(behind: Behind, _detail: str, since: datetime | None) -> _Ids:
    return _after(_enrolments(behind).exclude(end=End.HELD_OUT), "goal_at", since)


def _left(behind: Behind, detail: str, since: datetime | None) -> _Ids:
    people = _enrolments(behind)
    early = people.exclude(end__in=["", End.COMPLETED, End.GOAL, End.HELD_OUT])
    return _after(people.filter(end=End(detail)) if detail else early, "ended_at", since)


def _traces(behind: Behind, since: datetime | None) -> QuerySet[Trace]:
    traces = Trace.objects.filter(step__in=behind.steps.values("pk")).exclude(outlet="moved")
    return traces if since is None else traces.filter(left_at__gte=since)


def _passed(behind: Behind, detail: str, since: datetime | None) -> _Ids:
    traces = _traces(behind, since)
    return (traces.filter(outlet=detail) if detail else traces).values("contact_id")


def _left_out(behind: Behind, detail: str, since: datetime | None) -> _Ids:
    traces = _traces(behind, since)
    wanted = {"facts__left_out": LeftOut(detail)} if detail else {"facts__has_key": "left_out"}
    return traces.filter(**wanted).values("contact_id")


def _did(kind: str) -> Callable[[Behind, str, datetime | None], _Ids]:
    def ids(behind: Behind, _detail: str, since: datetime | None) -> RawSQL:
        dispatches = behind.steps.exclude(dispatch=None).values_list("dispatch", flat=True)
        return RawSQL(_DID, [kind, [str(number) for number in dispatches], since])  # noqa: S611 - a constant

    return ids


_PEOPLE: Mapping[str, Callable[[Behind, str, datetime | None], _Ids]] = {
    "entered": _entered,
    "inside": _inside,
    "held_out": _held_out,
    "waiting": _inside,
    "aside": _aside,
    "passed": _passed,
    "left": _left,
    "converted": _converted,
    "left_out": _left_out,
} | {what: _did(kind) for what, kind in _MAILS.items()}


# --- the words of its chip --------------------------------------------------------------------------------------------
def _words(value: str) -> str:
    try:
        behind = Behind.read(value)
    except ValueError:
        return value
    journey = Journey.objects.filter(pk=behind.journey_id).select_related("live").first()
    name = journey.name if journey else _("deleted")
    what = str(WHAT[behind.what.partition(".")[0]])
    step = step_name(journey, behind.key) if journey and behind.key else ""
    return f"{name} › {step}: {what}" if step else f"{name}: {what}"


def step_name(journey: Journey, key: str) -> str:
    """Return what the author called a step, else its kind; for one of an older version, from that."""
    made = JourneyStep.objects.filter(version__journey=journey, key=key).select_related("version")
    row = made.order_by("-version__number").first()
    step = parse(row.version.graph).by_key.get(key) if row else None
    if step is None:
        return key
    return step.name or (str(STEP_KINDS[step.kind].label) if step.kind in STEP_KINDS else step.kind)


JOURNEY_FILTER = Filter("journey", gettext_lazy("Journey"), _condition, _words)
