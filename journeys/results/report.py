"""What a journey brought: conversion and lift by version, revenue, time in steps, and the real paths of people."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from journeys.engine.models import End, Enrolment, StepCount
from journeys.errors import BadGraph
from journeys.graph.graph import EMPTY, Graph
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyStep, JourneyVersion
from journeys.results.figures import LEFT, steps_of
from journeys.results.lift import Lift, lift
from journeys.results.window import Window

# An order counts once, though it may lie within the days of two stays of one person.
_REVENUE = """
SELECT o.currency, count(*), sum(o.total - o.refunded) FROM contacts_order o
WHERE o.status <> 'cancelled' AND EXISTS (
    SELECT FROM journeys_enrolment e
    JOIN journeys_journeystep s ON s.id = e.step_id JOIN journeys_journeyversion v ON v.id = s.version_id
    WHERE e.contact_id = o.contact_id AND e.journey_id = %s AND e.goal_at IS NOT NULL AND e."end" <> 'held_out'
      AND e.entered_at >= coalesce(%s::timestamptz, '-infinity') AND (%s::int IS NULL OR v.number = %s)
      AND o.placed_at > e.entered_at
      AND o.placed_at <= e.entered_at + make_interval(days => (v.graph -> 'rules' ->> 'goal_days')::int))
GROUP BY o.currency ORDER BY 3 DESC
"""
_TIMES = """
SELECT s.key, count(*),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM left_at - arrived_at))
FROM journeys_trace t JOIN journeys_journeystep s ON s.id = t.step_id
WHERE t.step_id = ANY(%s) AND t.outlet <> 'moved' AND t.left_at >= coalesce(%s::timestamptz, '-infinity')
GROUP BY s.key
"""


@dataclass(frozen=True)
class Conversion:
    """Of one version (`number`; None: of all): people who came in and reached the goal, led and held out."""

    number: int | None
    led: int
    converted: int
    held: int
    held_converted: int

    @property
    def share(self) -> float | None:
        """The share of those led that reached the goal."""
        return self.converted / self.led if self.led else None

    @property
    def held_share(self) -> float | None:
        """The share of those held out that reached the goal without the journey."""
        return self.held_converted / self.held if self.held else None

    @property
    def lift(self) -> Lift | None:
        """What the journey added, None without anybody held out."""
        return lift((self.converted, self.led), (self.held_converted, self.held))

    @property
    def extra(self) -> int | None:
        """How many reached the goal that would not have without it."""
        return round(self.lift.difference * self.led) if self.lift else None


@dataclass(frozen=True)
class Stay:
    """How long people were at a step, half of them and nine of ten of them at most."""

    people: int
    median: timedelta
    ninth: timedelta


@dataclass(frozen=True)
class Revenue:
    """Orders of converted people within the days of the goal, in one currency."""

    currency: str
    orders: int
    amount: Decimal


def conversions(journey_id: int, stretch: Window) -> list[Conversion]:
    """Return all versions together, then each, the newest first: of who came in during the stretch."""
    people = Enrolment.objects.filter(journey=journey_id).order_by()
    if stretch.since is not None:
        people = people.filter(entered_at__gte=stretch.since)
    held, met = Q(end=End.HELD_OUT), Q(goal_at__isnull=False)
    found = people.values("step__version__number").annotate(
        led=Count("pk", filter=~held), converted=Count("pk", filter=met & ~held),
        held=Count("pk", filter=held), held_converted=Count("pk", filter=met & held),
    )  # fmt: skip
    rows = [
        Conversion(row["step__version__number"], row["led"], row["converted"], row["held"], row["held_converted"])
        for row in found
    ]
    total = [sum(getattr(row, name) for row in rows) for name in ("led", "converted", "held", "held_converted")]
    return [Conversion(None, *total), *sorted(rows, key=lambda row: -(row.number or 0))]


def revenue(journey_id: int, stretch: Window, version: int | None) -> list[Revenue]:
    """Return what converted people ordered, by currency."""
    with connection.cursor() as cursor:
        cursor.execute(_REVENUE, [journey_id, stretch.since, version, version])
        return [Revenue(*row) for row in cursor.fetchall()]


def stays(journey_id: int, stretch: Window, version: int | None) -> dict[str, Stay]:
    """Return the time people spent at each step, by key."""
    steps = list(steps_of(journey_id, version).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, [steps, stretch.since])
        return {
            key: Stay(people, *(timedelta(seconds=float(seconds)) for seconds in times))
            for key, people, times in cursor.fetchall()
        }


# --- real paths -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Flow:
    """How many went from a step to another (keys; "" is the start), or left there: `target` is "end:<why>"."""

    source: str
    target: str
    people: int


COMPLETED = LEFT + End.COMPLETED


def flows(journey: Journey, stretch: Window, version: int | None, entered: int) -> list[Flow]:
    """Return the real paths: the kept counts of each outlet, led along the links of its own version."""
    rows = list(steps_of(journey.pk, version))
    graphs = _graphs({row.version_id for row in rows})
    counts = StepCount.objects.filter(step__in=rows)
    if stretch.since is not None:
        counts = counts.filter(hour__gte=stretch.since)
    by_pk, found = {row.pk: row for row in rows}, defaultdict[tuple[str, str], int](int)
    for step_id, outlet, n in counts.order_by().values_list("step", "outlet").annotate(sum=Sum("n")):
        row = by_pk[step_id]
        found[row.key, _target(row, outlet, graphs[row.version_id])] += n
    first = graphs[max(graphs)].first if graphs else ""
    start = [Flow("", first, entered)] if entered and first else []
    return start + [Flow(source, target, n) for (source, target), n in found.items()]


def _graphs(ids: set[int]) -> Mapping[int, Graph]:
    found = {}
    for row in JourneyVersion.objects.filter(pk__in=ids):
        try:
            found[row.pk] = parse(row.graph)
        except BadGraph:
            found[row.pk] = EMPTY
    return found


def _target(row: JourneyStep, outlet: str, graph: Graph) -> str:
    return outlet if outlet.startswith(LEFT) else graph.targets.get((row.key, outlet), COMPLETED)


def ribbons(found: list[Flow], names: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Return the flows with names, as a Sankey takes them: each name once, and nothing that leads back in a circle.

    A way back to a step that lies before it ends at a box of its own, "… (again)".
    """
    labels = _labels(found, names)
    ahead: dict[str, set[str]] = defaultdict(set)
    drawn = []
    for flow in sorted(found, key=lambda flow: -flow.people):
        if _leads(ahead, flow.target, flow.source):
            drawn.append((labels[flow.source], _("%(step)s (again)") % {"step": labels[flow.target]}, flow.people))
        else:
            ahead[flow.source].add(flow.target)
            drawn.append((labels[flow.source], labels[flow.target], flow.people))
    return drawn


def _leads(ahead: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, left = set[str](), [start]
    while left:
        key = left.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            left.extend(ahead.get(key, ()))
    return False


def _labels(found: list[Flow], names: Mapping[str, str]) -> dict[str, str]:
    labels, taken = dict[str, str](), set[str]()
    for key in [end for flow in found for end in (flow.source, flow.target)]:
        if key in labels:
            continue
        name = _("Start") if not key else _end(key) if key.startswith(LEFT) else names.get(key, key)
        number = 2
        label = name
        while label in taken:
            label, number = f"{name} ({number})", number + 1
        labels[key] = label
        taken.add(label)
    return labels


def _end(key: str) -> str:
    return str(End(key.removeprefix(LEFT)).label)
