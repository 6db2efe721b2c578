"""Journeys that are on their way, read from the database once and remembered until something changes.

`current()` is asked at the start of each pass: it costs two small queries and gives the same object while nothing
changed, so the objects in it may be kept while one holds it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils.translation import gettext as _

from contacts.segments import index as segment_index
from contacts.segments.errors import BadRule
from contacts.segments.rules.parsing import parse as parse_rule
from contacts.segments.rules.rule import Rule
from journeys.engine.batch import Place
from journeys.engine.models import Enrolment
from journeys.errors import StepBroken
from journeys.graph.graph import Rules, Step, Trigger
from journeys.graph.loops import rounds
from journeys.graph.parsing import parse
from journeys.journey.models import Journey, JourneyState, JourneyStep, JourneyVersion
from journeys.steps.kind import STEP_KINDS, StepForm, StepKind
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind

ACTIVE = (JourneyState.RUNNING, JourneyState.FINISHING, JourneyState.PAUSED)
WITHDRAWN = "consent.withdrawn"
_STAMP = """
SELECT coalesce(array_agg((id, state, live_id, name)::text ORDER BY id), '{}') FROM journeys_journey
WHERE state IN ('running', 'finishing', 'paused')
"""


@dataclass(frozen=True)
class LiveStep:
    """One step as it is run: `targets` is the id of the next step by outlet. `broken` says why it cannot be run.

    `rounds` are the outlets at which a loop begins anew: nobody goes round without a pause, though what is waited for
    may have happened already.
    """

    id: int
    kind: StepKind
    place: Place
    targets: Mapping[str, int]
    rounds: frozenset[str] = frozenset()
    broken: str = ""

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The event kinds after which those who wait here are looked at at once."""
        return frozenset() if self.broken else self.kind.kinds(self.place.cleaned)


@dataclass(frozen=True)
class LiveRules:
    """Who comes in and out of a version; `broken` says which of its rules cannot be read any more."""

    stored: Rules
    entry: Rule | None = None
    exit: Rule | None = None
    goal: Rule | None = None
    broken: str = ""

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The event kinds after which anybody inside may have to leave, or may have reached the goal."""
        found = frozenset().union(*(rule.kinds() for rule in (self.exit, self.goal) if rule))
        found |= {WITHDRAWN} if self.stored.unsubscribed else set()
        return found | ({"segment.left"} if self.stored.left_segment else set())


@dataclass(frozen=True)
class Version:
    """One published version. `first` is the id of the step at which people start."""

    id: int
    number: int
    journey_id: int
    name: str
    first: int
    rules: LiveRules
    steps: Mapping[int, LiveStep]
    triggers: tuple[Trigger, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Tell whether something of it cannot be read."""
        return bool(self.rules.broken) or any(step.broken for step in self.steps.values())

    def step(self, step_id: int) -> LiveStep:
        """Return the step, if it can be run. Raises StepBroken."""
        step = self.steps[step_id]
        if reason := step.broken or self.rules.broken:
            raise StepBroken(reason)
        return step


@dataclass(frozen=True)
class LiveTrigger:
    """A way into a journey that takes people in; `since` is when it was first published."""

    journey_id: int
    key: str
    kind: TriggerKind
    cleaned: Mapping[str, Any]
    since: datetime


@dataclass
class Live:
    """All journeys on their way, as of one moment. `known` are versions read before: their shape never changes."""

    journeys: Mapping[int, Journey]
    known: Mapping[int, Version] = field(default_factory=dict)
    _versions: dict[int, Version] = field(default_factory=dict)

    @property
    def sound(self) -> dict[int, Version]:
        """The versions of which everything could be read, now or before."""
        return {pk: version for pk, version in {**self.known, **self._versions}.items() if not version.is_broken}

    def shape(self, version_id: int) -> Version:
        """Return a version of which only the steps and event kinds are asked: what it names may be gone since."""
        return self._versions.get(version_id) or self.known.get(version_id) or self.version(version_id)

    def version(self, version_id: int) -> Version:
        """Return a version, whatever the state of its journey."""
        if version_id not in self._versions:
            self._versions[version_id] = read_version(
                JourneyVersion.objects.select_related("journey").get(pk=version_id)
            )
        return self._versions[version_id]

    def of_journey(self, journey_id: int) -> Version:
        """Return the version into which people come now."""
        live_id = self.journeys[journey_id].live_id
        if live_id is None:
            raise JourneyVersion.DoesNotExist(f"journey {journey_id} was never published")
        return self.version(live_id)

    @cached_property
    def inhabited(self) -> list[Version]:
        """The versions that take people in, or had people inside when this was read."""
        open_ones = Enrolment.objects.filter(step=OuterRef("pk"), ended_at=None)
        homes = JourneyStep.objects.filter(Exists(open_ones)).values("version")
        wanted = Q(journey__live=F("pk")) | Q(pk__in=homes)
        found = JourneyVersion.objects.filter(wanted, journey__in=self.journeys).values_list("pk", flat=True)
        return [self.shape(number) for number in found]

    @cached_property
    def wakes(self) -> Mapping[str, frozenset[int]]:
        """The steps (ids) at which an event kind wakes people."""
        found: dict[str, set[int]] = defaultdict(set)
        for version in self.inhabited:
            for step in version.steps.values():
                for kind in step.kinds | version.rules.kinds:
                    found[kind].add(step.id)
        return {kind: frozenset(steps) for kind, steps in found.items()}

    @cached_property
    def goals(self) -> Mapping[str, frozenset[int]]:
        """The journeys whose goal an event kind may bring about, also for those who are no longer inside."""
        found: dict[str, set[int]] = defaultdict(set)
        for version in self._taking_in():
            goal = version.rules.goal
            for kind in goal.kinds() if goal else ():
                found[kind].add(version.journey_id)
        return {kind: frozenset(journeys) for kind, journeys in found.items()}

    @cached_property
    def triggers(self) -> list[LiveTrigger]:
        """Every way in that can be read; one that cannot is told when the journey is checked."""
        return list(self._triggers())

    def _triggers(self) -> Iterator[LiveTrigger]:
        open_ones = [pk for pk, journey in self.journeys.items() if journey.state != JourneyState.FINISHING]
        first = JourneyVersion.objects.filter(journey__in=open_ones).values("journey").annotate(at=Min("published_at"))
        began = {row["journey"]: row["at"] for row in first}
        for version in self._taking_in():
            for trigger in version.triggers if version.journey_id in began else ():
                form = _form(TRIGGER_KINDS[trigger.kind], trigger.settings) if trigger.kind in TRIGGER_KINDS else None
                if form is not None and form.is_valid():
                    kind = TRIGGER_KINDS[trigger.kind]
                    since = began[version.journey_id]
                    yield LiveTrigger(version.journey_id, trigger.key, kind, form.cleaned_data, since)

    def _taking_in(self) -> list[Version]:
        return [self.shape(journey.live_id) for journey in self.journeys.values() if journey.live_id is not None]

    @cached_property
    def starts(self) -> Mapping[str, list[LiveTrigger]]:
        """The triggers that read an event kind."""
        found: dict[str, list[LiveTrigger]] = defaultdict(list)
        for trigger in self.triggers:
            for kind in trigger.kind.kinds(trigger.cleaned):
                found[kind].append(trigger)
        return found


class _Memory:
    """What was read of each database, with what it was read under."""

    made: ClassVar[dict[str, tuple[object, list[str], Live]]] = {}


def current() -> Live:
    """Return the journeys as the running transaction sees them; the same object while nothing changed."""
    database = str(connection.settings_dict["NAME"])
    segments = segment_index.current()  # parsed anew when anything is gone that rules and settings may name
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        stamp = list(cursor.fetchone()[0])
    known = _Memory.made.get(database)
    if known is None or known[0] is not segments or known[1] != stamp:
        before = known[2].sound if known else {}
        live = Live({journey.pk: journey for journey in Journey.objects.filter(state__in=ACTIVE)}, before)
        known = _Memory.made[database] = (segments, stamp, live)
    return known[2]


def read_version(version: JourneyVersion) -> Version:
    """Read a version from the database."""
    graph = parse(version.graph)
    rows = {row.key: row for row in version.steps.all()}
    ids = {key: row.pk for key, row in rows.items()}
    mails = {key: row.dispatch_id for key, row in rows.items() if row.dispatch_id is not None}
    targets: dict[str, dict[str, int]] = {key: {} for key in ids}
    for (source, outlet), target in graph.targets.items():
        targets[source][outlet] = ids[target]
    waiting = {step.key for step in graph.steps if step.kind in STEP_KINDS and STEP_KINDS[step.kind].waits}
    round_again = rounds(graph, waiting)
    steps = [_step(step, rows[step.key], version, targets[step.key], mails) for step in graph.steps]
    steps = [replace(step, rounds=frozenset(round_again.get(step.place.key, ()))) for step in steps]
    return Version(
        version.pk,
        version.number,
        version.journey_id,
        version.journey.name,
        ids[graph.first],
        read_rules(graph.rules),
        {step.id: step for step in steps},
        graph.triggers,
    )


def _step(
    step: Step, row: JourneyStep, version: JourneyVersion, targets: Mapping[str, int], mails: Mapping[str, int]
) -> LiveStep:
    kind = STEP_KINDS[step.kind] if step.kind in STEP_KINDS else StepKind()
    form = _form(kind, step.settings)
    broken = "" if step.kind in STEP_KINDS else _("There is no step “%(kind)s” any more.") % {"kind": step.kind}
    if not broken and not form.is_valid():
        broken = " ".join(_said(form))
    cleaned = {} if broken else form.cleaned_data
    place = Place(
        row.pk,
        step.key,
        version.pk,
        version.journey_id,
        cleaned,
        row.dispatch_id,
        mails,
        name=step.name,
        journey_name=version.journey.name,
    )
    return LiveStep(row.pk, kind, place, targets, broken=broken)


def _form(kind: StepKind | TriggerKind, settings: Mapping[str, Any]) -> StepForm:
    return kind.read(settings)


def _said(form: StepForm) -> Iterable[str]:
    for name, errors in form.errors.items():
        label = form[name].label if name in form.fields else ""
        for error in errors:
            yield f"{label}: {error}" if label else str(error)


def read_rules(stored: Rules) -> LiveRules:
    """Parse the conditions of a journey; one that cannot be read makes all of them broken."""
    read: dict[str, Rule | None] = dict.fromkeys(("entry", "exit", "goal"))
    for name, label in (("entry", _("Entry condition")), ("exit", _("Exit condition")), ("goal", _("Goal"))):
        definition = getattr(stored, name)
        try:
            if definition is not None:
                read[name] = parse_rule(definition)
        except BadRule as error:
            return LiveRules(stored, broken=f"{label}: {error}")
    return LiveRules(stored, read["entry"], read["exit"], read["goal"])
