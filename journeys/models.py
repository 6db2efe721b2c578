"""Django looks for models here; each noun keeps its own."""

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

__all__ = [
    "End",
    "Enrolment",
    "ExistingStart",
    "Journey",
    "JourneyState",
    "JourneyStep",
    "JourneyVersion",
    "RefusalCount",
    "Refused",
    "StartRequest",
    "StepCount",
    "StepMove",
    "Touched",
    "Trace",
]
