"""A colleague guides one person by hand: takes her out of a journey, or lets her go on before her time."""

import json
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts.segments.rules.sql import compose
from crm.team.models import User
from journeys.engine import leaving, live, locks
from journeys.engine.live import LiveStep
from journeys.engine.models import End, Enrolment
from journeys.engine.running import Runner
from journeys.engine.wake import wake
from journeys.errors import JourneyError, WrongState
from journeys.journey.models import Journey, JourneyState

_GO = "SELECT %s::bigint, %s::text, NULL::timestamptz, %s::jsonb"


class WrongWay(JourneyError):
    """The step has no such way out (any more), or the journey is just being changed."""


@transaction.atomic
def take_out(enrolment_id: int, *, now: datetime) -> bool:
    """Take one person out of a journey; False when she was no longer inside. Harmless to repeat."""
    enrolment = _hold(enrolment_id)
    if enrolment is None:
        return False
    with connection.cursor() as cursor:
        return leaving.end(cursor, enrolment.journey_id, {enrolment.pk: End.REMOVED}, now) == 1


@transaction.atomic
def move_on(enrolment_id: int, outlet: str, *, visit: int, by: User, now: datetime) -> bool:
    """Let a person leave her step by an outlet now, without the step being done; her trace says who did it.

    `visit` is the step at which she was seen: where she has moved on since, nothing happens and False comes back, so a
    repeat is harmless. Raises WrongWay, and WrongState while nobody moves.
    """
    enrolment = _hold(enrolment_id)
    if enrolment is None or enrolment.visit != visit:
        return False
    _refuse_resting(enrolment)
    version = live.current().version(enrolment.step.version_id)
    step = version.steps[enrolment.step_id]
    if outlet not in ways_of(step):
        raise WrongWay(_("This step has no such way out any more. Look at the page again."))
    told = json.dumps({"by": by.pk})
    with connection.cursor() as cursor:
        Runner(now, 0).move(cursor, step, version, compose(_GO, enrolment.pk, outlet, told))
    Enrolment.objects.filter(pk=enrolment.pk).update(problem="")
    wake()
    return True


def ways_of(step: LiveStep) -> dict[str, str]:
    """Return the ways out of a step by key, as she can be sent on by them."""
    return {outlet.key: str(outlet.label) for outlet in step.kind.outlets(step.place.cleaned)}


def _hold(enrolment_id: int) -> Enrolment | None:
    """Lock the enrolment until the transaction ends; None when it is over."""
    rows = Enrolment.objects.select_for_update(of=("self",), no_key=True).select_related("step")
    return rows.filter(pk=enrolment_id, ended_at=None).first()


def _refuse_resting(enrolment: Enrolment) -> None:
    journey = Journey.objects.get(pk=enrolment.journey_id)
    if journey.state not in (JourneyState.RUNNING, JourneyState.FINISHING):
        raise WrongState(journey.get_state_display())
    if not locks.share(journey.pk):
        raise WrongWay(_("This journey is just being changed. Try it again in a moment."))
