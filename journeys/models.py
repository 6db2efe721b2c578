"""Django looks for models here; each noun keeps its own."""

from journeys.engine.models import (
    End,
    Enrolment,
    RefusalCount,
    Refused,
    StartRequest,
    StepCount,
    Touched,
    Trace,
)
from journeys.journey.models import Journey, JourneyState, JourneyStep, JourneyVersion

__all__ = [
    "End",
    "Enrolment",
    "Journey",
    "JourneyState",
    "JourneyStep",
    "JourneyVersion",
    "RefusalCount",
    "Refused",
    "StartRequest",
    "StepCount",
    "Touched",
    "Trace",
]
