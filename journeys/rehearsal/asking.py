"""Asking for a rehearsal, and doing what was asked. Called by the editor's doors and by Celery."""

import logging
from collections.abc import Callable
from datetime import datetime

from crm.kit.work import LostLease, WorkState
from crm.team.models import User
from journeys.errors import Problem, PublishRefused, Severity
from journeys.graph.graph import Graph
from journeys.graph.parsing import parse
from journeys.journey.checking import problems
from journeys.rehearsal.models import Rehearsal
from journeys.rehearsal.replay import replay
from journeys.rehearsal.wake import wake_rehearsal
from journeys.steps.kind import STEP_KINDS

LONGEST = 365  # days
logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """Another rehearsal of the same journey was asked for meanwhile, or another worker has this one."""


def ask(journey_id: int, graph: Graph, days: int, *, by: User, now: datetime) -> Rehearsal:
    """Have the drawing run over the last `days` (1 to LONGEST); an open rehearsal of the journey by her is given up.

    Raises PublishRefused with what keeps the drawing from running; a mail that may not leave yet does not.
    """
    runnable(graph)
    give_up(journey_id, by)
    asked = Rehearsal.objects.create(
        journey_id=journey_id,
        graph=graph.stored(),
        days=max(1, min(days, LONGEST)),
        asked_by=by,
        asked_at=now,
        due_at=now,
    )
    wake_rehearsal()
    return asked


def runnable(graph: Graph) -> Graph:
    """Return the drawing, if nothing keeps it from running. Raises PublishRefused."""
    if wrong := [problem for problem in problems(graph) if _stops(problem, graph)]:
        raise PublishRefused(wrong)
    return graph


def _stops(problem: Problem, graph: Graph) -> bool:
    if problem.severity != Severity.ERROR:
        return False
    step = graph.by_key.get(problem.at)
    kind = STEP_KINDS[step.kind] if step and step.kind in STEP_KINDS else None
    return not (kind and step and kind.uses_mail and kind.read(step.settings).is_valid())


def give_up(journey_id: int, by: User) -> int:
    """Stop what she asked for and is not done yet; return how many."""
    open_ones = Rehearsal.objects.filter(
        journey_id=journey_id, asked_by=by, state__in=[WorkState.READY, WorkState.LEASED]
    )
    return open_ones.update(state=WorkState.CANCELLED, lease_until=None)


def run_due(clock: Callable[[], datetime]) -> bool:
    """Do the next rehearsal that is due; return whether there was one. A failing one is tried again, then set aside."""
    claimed: list[Rehearsal] = Rehearsal.claim(clock())
    if not claimed:
        return False
    asked = claimed[0]
    try:
        found = replay(
            parse(asked.graph),
            asked.days,
            asked.asked_at,
            lambda share: _progress(asked, share, clock()),
            journey_id=asked.journey_id,
        )
        asked.finish(result=found.stored(), share=1.0)
    except _Stopped:
        logger.info("rehearsal %s was given up", asked.pk)
    except Exception as error:
        logger.exception("rehearsal %s", asked.pk)
        asked.try_again(error, clock())
    return True


def _progress(asked: Rehearsal, share: float, now: datetime) -> None:
    try:
        asked.renew(now, share=share)
    except LostLease as error:
        raise _Stopped from error
