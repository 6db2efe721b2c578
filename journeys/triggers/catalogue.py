"""Every trigger kind, in the order of the palette. Registered by JourneysConfig.ready."""

from journeys.triggers.activity import ACTIVITY, FORM_SUBMITTED
from journeys.triggers.by_hand import BY_HAND
from journeys.triggers.date import DATE
from journeys.triggers.kind import TRIGGER_KINDS
from journeys.triggers.put_in import LIST_JOINED, STAGE_ENTERED, TAG_ADDED
from journeys.triggers.schedule import SCHEDULE
from journeys.triggers.score import SCORE_REACHED
from journeys.triggers.segment import SEGMENT_ENTERED, SEGMENT_LEFT

KINDS = (
    SEGMENT_ENTERED, SEGMENT_LEFT, ACTIVITY, FORM_SUBMITTED, DATE, STAGE_ENTERED, SCORE_REACHED, LIST_JOINED, TAG_ADDED,
    SCHEDULE, BY_HAND,
)  # fmt: skip


def register() -> None:
    """Enter the kinds; harmless to repeat."""
    TRIGGER_KINDS.register(*KINDS)
