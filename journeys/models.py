"""Django looks for models here; each noun keeps its own."""

from journeys.calls.models import Call
from journeys.engine.models import (
    End,
    Enrolment,
    ExistingStart,
    RefusalCount,
    Refused,
    StartRequest,
    StepCount,
    Touched,
    Trace,
)
from journeys.journey.models import Journey, JourneyState, JourneyStep, JourneyVersion, StepMove
from journeys.rehearsal.models import Rehearsal

__all__ = [
    "Call",
    "End",
    "Enrolment",
    "ExistingStart",
    "Journey",
    "JourneyState",
    "JourneyStep",
    "JourneyVersion",
    "RefusalCount",
    "Refused",
    "Rehearsal",
    "StartRequest",
    "StepCount",
    "StepMove",
    "Touched",
    "Trace",
]
