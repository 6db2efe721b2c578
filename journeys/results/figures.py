"""The numbers of the live canvas, by step key: over all versions of a journey, or of one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from campaigns.sending.models import Message
from campaigns.sending.queries import numbers_of, numbers_since
from journeys.engine.models import End, Enrolment, RefusalCount, StepCount, Trace
from journeys.journey.models import Journey, JourneyStep
from journeys.results.window import Window

LEFT = "end:"  # how a count names those who left before the end
_MAILS = {"mail.sent": "sent", "mail.opened": "opened", "mail.clicked": "clicked"}


@dataclass
class StepFigures:
    """What became of people at one step. `waiting` and `aside` are as of now, the rest is of the stretch of time.

    `passed` by outlet and `left` by why (a key of End) count comings, the others people; `mails` is None of a step
    that sends none.
    """

    key: str
    kind: str
    waiting: int = 0
    aside: int = 0
    converted: int = 0
    passed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    mails: dict[str, int] | None = None
    held: list[tuple[int, str]] = field(default_factory=list)  # (step id, why it cannot be run)

    @property
    def lost(self) -> Mapping[str, int]:
        """How many left here early, by why; whoever reached the goal was no loss."""
        return {why: n for why, n in self.left.items() if why != End.GOAL}

    @property
    def came(self) -> int:
        """How many came here: those who went on, left, or are here still."""
        return sum(self.passed.values()) + sum(self.left.values()) + self.waiting


@dataclass(frozen=True)
class Figures:
    """The whole journey: `entered` without those held out, `refused` by reason."""

    steps: dict[str, StepFigures]
    entered: int
    inside: int
    converted: int
    held_out: int
    refused: dict[str, int]


def steps_of(journey_id: int, version: int | None) -> QuerySet[JourneyStep]:
    """Return the steps of all versions, or of the version with this number."""
    steps = JourneyStep.objects.filter(version__journey=journey_id)
    return steps if version is None else steps.filter(version__number=version)


def figures(journey: Journey, stretch: Window, version: int | None = None) -> Figures:
    """Return the numbers of a journey in some eight queries, however many people it has."""
    rows = list(steps_of(journey.pk, version).order_by("version_id", "pk"))
    steps = {row.key: StepFigures(row.key, row.kind) for row in rows}
    keys = {row.pk: row.key for row in rows}
    for row in rows:
        if row.problem:
            steps[row.key].held.append((row.pk, row.problem))
    _count_moves(steps, keys, stretch)
    _count_people(steps, keys)
    _count_mails(steps, rows, stretch)
    totals = _totals(journey.pk, keys, stretch)
    for step_id, n in totals.pop("converted").items():
        steps[keys[step_id]].converted += n
    converted = sum(step.converted for step in steps.values())
    inside = sum(step.waiting for step in steps.values())
    return Figures(steps, inside=inside, converted=converted, refused=_refused(journey.pk, stretch), **totals)


def _count_moves(steps: dict[str, StepFigures], keys: dict[int, str], stretch: Window) -> None:
    counts = StepCount.objects.filter(step__in=keys)
    if stretch.since is not None:
        counts = counts.filter(hour__gte=stretch.since)
    for step_id, outlet, n in counts.values_list("step", "outlet").annotate(sum=Sum("n")):
        step = steps[keys[step_id]]
        if outlet.startswith(LEFT):
            step.left[outlet.removeprefix(LEFT)] += n
        else:
            step.passed[outlet] += n


def _count_people(steps: dict[str, StepFigures], keys: dict[int, str]) -> None:
    here = Enrolment.objects.filter(step__in=keys, ended_at=None).values_list("step")
    for step_id, n, aside in here.annotate(n=Count("pk"), aside=Count("pk", filter=~Q(problem=""))):
        steps[keys[step_id]].waiting += n
        steps[keys[step_id]].aside += aside


def _totals(journey_id: int, keys: dict[int, str], stretch: Window) -> dict[str, Any]:
    people = Enrolment.objects.filter(journey=journey_id, step__in=keys)
    entered, converted = people, people.filter(goal_at__isnull=False).exclude(end=End.HELD_OUT)
    if stretch.since is not None:
        entered, converted = entered.filter(entered_at__gte=stretch.since), converted.filter(goal_at__gte=stretch.since)
    out = Count("pk", filter=Q(end=End.HELD_OUT))
    found = entered.aggregate(n=Count("pk"), out=out)
    by_step = dict(converted.order_by().values_list("step").annotate(n=Count("pk")))
    return {"entered": found["n"] - found["out"], "held_out": found["out"], "converted": by_step}


def _count_mails(steps: dict[str, StepFigures], rows: list[JourneyStep], stretch: Window) -> None:
    dispatches = {row.dispatch_id: row.key for row in rows if row.dispatch_id is not None}
    if not dispatches:
        return
    numbers = list(dispatches)
    found = numbers_of(numbers) if stretch.since is None else numbers_since(numbers, list(_MAILS), stretch.since)
    for dispatch_id, key in dispatches.items():
        mails = steps[key].mails = steps[key].mails or dict.fromkeys(_MAILS.values(), 0)
        for kind, name in _MAILS.items():
            mails[name] += found[dispatch_id].get(kind, 0)
    _count_left_out(steps, {row.pk: row for row in rows if row.dispatch_id is not None}, stretch)


def _count_left_out(steps: dict[str, StepFigures], rows: dict[int, JourneyStep], stretch: Window) -> None:
    """Count who got no mail: of all time from the messages, of a stretch from the traces, which alone have a time."""
    if stretch.since is None:
        by_dispatch = {row.dispatch_id: row.key for row in rows.values()}
        messages = Message.objects.filter(dispatch__in=by_dispatch).exclude(left_out="").order_by()
        for dispatch_id, reason, n in messages.values_list("dispatch", "left_out").annotate(n=Count("pk")):
            steps[by_dispatch[dispatch_id]].left_out[reason] += n
        return
    traces = Trace.objects.filter(step__in=rows, left_at__gte=stretch.since, facts__has_key="left_out").order_by()
    for step_id, reason, n in traces.values_list("step", "facts__left_out").annotate(n=Count("pk")):
        steps[rows[step_id].key].left_out[reason] += n


def _refused(journey_id: int, stretch: Window) -> dict[str, int]:
    counts = RefusalCount.objects.filter(journey=journey_id)
    if stretch.since is not None:
        counts = counts.filter(day__gte=stretch.since.date())
    return dict(counts.order_by().values_list("reason").annotate(sum=Sum("n")))
