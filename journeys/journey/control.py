"""Pause, resume, let people finish, archive, clone: the arrows between the states of docs/journeys.md."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from campaigns.sending import standing
from crm.team.models import User
from journeys.engine import locks
from journeys.engine.models import End, Enrolment, ExistingStart, StartRequest
from journeys.engine.wake import wake
from journeys.errors import WrongState
from journeys.graph.parsing import parse
from journeys.journey import editing
from journeys.journey.models import Journey, JourneyState, JourneyStep, StepMove


@transaction.atomic
def pause(journey_id: int) -> None:
    """Let nobody move and nobody in, and no mail out, from the moment this returns. Raises WrongState.

    Whoever is to come in meanwhile waits until the journey is resumed.
    """
    _change(journey_id, (JourneyState.RUNNING, JourneyState.FINISHING), JourneyState.PAUSED)
    standing.hold(_mails(journey_id))


@transaction.atomic
def resume(journey_id: int) -> None:
    """Let the journey go on; whoever became due meanwhile is due now. Raises WrongState."""
    _change(journey_id, (JourneyState.PAUSED, JourneyState.FINISHING), JourneyState.RUNNING)
    standing.let_go(_mails(journey_id))
    wake()


def finish(journey_id: int) -> None:
    """Let nobody in any more; who is inside goes on to her end. Raises WrongState."""
    _change(journey_id, (JourneyState.RUNNING,), JourneyState.FINISHING)


@transaction.atomic
def archive(journey_id: int, *, now: datetime) -> None:
    """End the journey for good: everybody inside leaves, in ranges, right after; no mail leaves. Raises WrongState."""
    _change(journey_id, tuple(set(JourneyState) - {JourneyState.ARCHIVED}), JourneyState.ARCHIVED)
    StartRequest.objects.filter(journey=journey_id).delete()
    ExistingStart.objects.filter(journey=journey_id).delete()
    standing.end(_mails(journey_id), now)
    inside = Enrolment.objects.filter(step=OuterRef("pk"), ended_at=None)
    steps = JourneyStep.objects.filter(Exists(inside), version__journey=journey_id)
    StepMove.objects.filter(step__version__journey=journey_id).delete()
    StepMove.objects.bulk_create(StepMove(step=step, end=End.ARCHIVED, at=now) for step in steps)
    wake()


def _mails(journey_id: int) -> list[int]:
    """Return the dispatches of all its versions."""
    steps = JourneyStep.objects.filter(version__journey=journey_id).exclude(dispatch=None)
    return [number for number in steps.values_list("dispatch", flat=True) if number is not None]


def clone(journey_id: int, *, by: User | None, now: datetime) -> Journey:
    """Return a new draft with the drawing of this journey's draft, under a name of its own."""
    original = Journey.objects.get(pk=journey_id)
    name = editing.copy_name(original.name)
    return editing.create(name, original.description, graph=parse(original.draft), by=by, now=now)


@transaction.atomic
def _change(journey_id: int, wanted: Collection[str], state: JourneyState) -> Journey:
    """Change the state while nothing of the journey runs. Raises WrongState; a repeat is harmless."""
    locks.alone(journey_id)
    locks.beginning()
    journey = Journey.objects.select_for_update().get(pk=journey_id)
    if journey.state != state:
        if journey.state not in wanted:
            raise WrongState(journey.get_state_display())
        Journey.objects.filter(pk=journey_id).update(state=state)
    return journey
