"""Every step kind, in the order of the palette. Registered by JourneysConfig.ready."""

from journeys.steps.branch import BRANCH
from journeys.steps.end import END
from journeys.steps.kind import STEP_KINDS
from journeys.steps.membership import LIST, TAG
from journeys.steps.send_email import SEND_EMAIL
from journeys.steps.split import SPLIT
from journeys.steps.wait import WAIT
from journeys.steps.wait_event import WAIT_EVENT

KINDS = (SEND_EMAIL, WAIT, WAIT_EVENT, BRANCH, SPLIT, TAG, LIST, END)


def register() -> None:
    """Enter the kinds; harmless to repeat."""
    STEP_KINDS.register(*KINDS)
