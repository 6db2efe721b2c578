"""Publishing: the draft, or an older version, becomes the version into which people come. Called by the editor.

Whoever is inside keeps her version, unless it is said for her step that its people go to a step of the new one, or
leave; the engine takes them there in ranges, right after.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from campaigns.sending.standing import open_standing
from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import compose
from crm.team.models import User
from journeys.engine import live, locks
from journeys.engine.models import End, Enrolment, ExistingStart
from journeys.engine.wake import wake
from journeys.errors import Problem, PublishRefused, Severity, StaleDraft, WrongState
from journeys.graph.graph import Graph, Step, Trigger
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.journey.editing import stale
from journeys.journey.models import Journey, JourneyState, JourneyStep, JourneyVersion, StepMove
from journeys.steps.kind import STEP_KINDS
from journeys.triggers.kind import TRIGGER_KINDS, TriggerKind

KEEP, LEAVE = "keep", "leave"

type Moves = Mapping[
    int, str
]  # by the id of a step where people wait: KEEP, LEAVE, or the key of a step of the new version


@dataclass(frozen=True)
class Waiting:
    """People who are at a step of a published version (`number`); `name` is its author's, "" for the kind's own."""

    step_id: int
    key: str
    kind: str
    name: str
    number: int
    people: int


def waiting(journey_id: int) -> list[Waiting]:
    """Return where people are inside a journey, and how many, the newest version first."""
    counted = Enrolment.objects.filter(step__version__journey=journey_id, ended_at=None).values("step")
    people = {row["step"]: row["n"] for row in counted.annotate(n=Count("pk"))}
    steps = JourneyStep.objects.filter(pk__in=people).select_related("version").order_by("-version__number", "pk")
    graphs = {step.version_id: parse(step.version.graph) for step in steps}
    names = {step.pk: graphs[step.version_id].by_key[step.key].name for step in steps}
    return [
        Waiting(step.pk, step.key, step.kind, names[step.pk], step.version.number, people[step.pk]) for step in steps
    ]


def fitting(graph: Graph, *, now: datetime) -> dict[str, int]:
    """Return for each trigger that can tell how many people fit it already; they may be started with."""
    found: dict[str, int] = {}
    for trigger in graph.triggers:
        kind, form = TRIGGER_KINDS[trigger.kind], TRIGGER_KINDS[trigger.kind].read(trigger.settings)
        fits = kind.fits_now(form.cleaned_data, moment_at(now)) if form.is_valid() else None
        if fits is not None:
            asked = compose("SELECT count(*) FROM ({fits}) AS f (contact_id)", fits=fits)
            with connection.cursor() as cursor:
                cursor.execute(asked.text, asked.params)
                found[trigger.key] = int(cursor.fetchone()[0])
    return found


def publish(
    journey_id: int,
    *,
    by: User | None,
    now: datetime,
    version: int,
    moves: Moves | None = None,
    start_existing: bool = False,
    note: str = "",
) -> JourneyVersion:
    """Publish the draft as it was saved last, and return its version.

    `version` is that of the draft the person looked at; publishing one draft twice gives the first result and changes
    nothing. `moves` by step (see `waiting`); who is at a step not named keeps her version. `start_existing`: those who
    fit a trigger already come in too. Raises BadGraph, PublishRefused, Severity, StaleDraft, WrongState.
    """
    with transaction.atomic():
        journey = _locked(journey_id)
        done = JourneyVersion.objects.filter(journey=journey, draft_version=version).first()
        if done is not None:
            return done
        if journey.version != version:
            raise stale(journey, by)
        new = _publish(journey, _Plan(parse(journey.draft), by, note, moves or {}, version), now)
        if start_existing:
            _start_existing(journey, parse(journey.draft), now)
    return new


def roll_back(
    journey_id: int, number: int, *, by: User | None, now: datetime, live_number: int, moves: Moves | None = None
) -> JourneyVersion:
    """Publish the drawing of an older version again; the draft stays as it is. Returns the new version.

    `live_number` is the version the person saw as the one that runs: a repeat, or another's publishing since, raises
    StaleDraft. Raises PublishRefused where the old drawing cannot be run any more.
    """
    with transaction.atomic():
        journey = _locked(journey_id)
        if journey.live is None or journey.live.number != live_number:
            raise StaleDraft(journey.version, "")
        old = JourneyVersion.objects.get(journey=journey, number=number)
        note = _("Back to version %(number)d") % {"number": number}
        return _publish(journey, _Plan(parse(old.graph), by, note, moves or {}, None), now)


def _locked(journey_id: int) -> Journey:
    """Return the journey while nothing of it runs and no follower looks triggers up. Raises WrongState."""
    locks.alone(journey_id)
    locks.beginning()
    journey = Journey.objects.select_for_update(of=("self",)).select_related("live", "changed_by").get(pk=journey_id)
    if journey.state == JourneyState.ARCHIVED:
        raise WrongState(journey.get_state_display())
    return journey


@dataclass(frozen=True)
class _Plan:
    """What is to be published, by whom; `draft_version` is None for an older drawing."""

    graph: Graph
    by: User | None
    note: str
    moves: Moves
    draft_version: int | None


def _publish(journey: Journey, plan: _Plan, now: datetime) -> JourneyVersion:
    graph = plan.graph
    found = problems(graph)
    if any(problem.severity == Severity.ERROR for problem in found):
        raise PublishRefused(found)
    number = (JourneyVersion.objects.filter(journey=journey).aggregate(n=Max("number"))["n"] or 0) + 1
    new = JourneyVersion.objects.create(
        journey=journey,
        number=number,
        graph=graph.stored(),
        note=plan.note,
        published_by=plan.by,
        published_at=now,
        draft_version=plan.draft_version,
        reads=sorted(_reads(graph)),
    )
    steps = JourneyStep.objects.bulk_create(_row(new, step, now) for step in graph.steps)
    _move(journey, {step.key: step for step in steps}, plan.moves, now)
    _go_live(journey, new, timed=any(_is_timed(trigger) for trigger in graph.triggers), now=now)
    wake()
    return new


def _go_live(journey: Journey, new: JourneyVersion, *, timed: bool, now: datetime) -> None:
    fields: dict[str, Any] = {"live": new, "timed_to": (journey.timed_to or now) if timed else None}
    if journey.state == JourneyState.DRAFT:
        fields["state"] = JourneyState.RUNNING
    Journey.objects.filter(pk=journey.pk).update(**fields)


def _row(version: JourneyVersion, step: Step, now: datetime) -> JourneyStep:
    """Return the row of a step, with the dispatch of one that mails."""
    row = JourneyStep(version=version, key=step.key, kind=step.kind)
    kind = STEP_KINDS[step.kind]
    form = kind.read(step.settings)
    if kind.uses_mail and form.is_valid():
        mail = form.cleaned_data
        row.dispatch = open_standing(
            mail["template"], mail["sender"], subject=mail.get("subject", ""), topic=mail.get("topic"), now=now
        )
    return row


def _is_timed(trigger: Trigger) -> bool:
    return type(TRIGGER_KINDS[trigger.kind]).due is not TriggerKind.due


def _reads(graph: Graph) -> set[int]:
    """Return the segments that a drawing without problems reads."""
    found = {graph.rules.left_segment} if graph.rules.left_segment else set()
    rules = live.read_rules(graph.rules)
    for rule in (rules.entry, rules.exit, rules.goal):
        found |= rule.segments() if rule else set()
    for kinds, settled in ((STEP_KINDS, graph.steps), (TRIGGER_KINDS, graph.triggers)):
        for one in settled:
            form = kinds[one.kind].read(one.settings)
            found |= kinds[one.kind].segments(form.cleaned_data) if form.is_valid() else set()
    return found


def _move(journey: Journey, steps: Mapping[str, JourneyStep], moves: Moves, now: datetime) -> None:
    """Write down where the people of the older steps go. Raises PublishRefused for a step that is not there."""
    own = set(JourneyStep.objects.filter(version__journey=journey).values_list("pk", flat=True))
    wanted = {step: to for step, to in moves.items() if to != KEEP and step in own}
    if missing := sorted({to for to in wanted.values() if to != LEAVE and to not in steps}):
        message = _("People cannot go to the step “%(key)s”: the new version has none.") % {"key": missing[0]}
        raise PublishRefused([Problem("move_nowhere", message)])
    StepMove.objects.filter(step__in=wanted).delete()
    StepMove.objects.bulk_create(
        StepMove(step_id=step, to=steps.get(to), end="" if to in steps else End.MOVED, at=now)
        for step, to in wanted.items()
    )


def _start_existing(journey: Journey, graph: Graph, now: datetime) -> None:
    keys: Collection[str] = fitting(graph, now=now)
    ExistingStart.objects.bulk_create(ExistingStart(journey=journey, trigger=key, at=now) for key in keys)
