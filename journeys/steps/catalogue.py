"""Every step kind, in the order of the palette. Registered by JourneysConfig.ready."""

from journeys.steps.branch import BRANCH
from journeys.steps.consent import CONSENT
from journeys.steps.end import END
from journeys.steps.experiment import EXPERIMENT
from journeys.steps.goal import GOAL
from journeys.steps.jump import JUMP_STEP
from journeys.steps.kind import STEP_KINDS
from journeys.steps.membership import LIST, TAG
from journeys.steps.message import MESSAGE
from journeys.steps.notify import NOTIFY
from journeys.steps.other_journey import OTHER_JOURNEY
from journeys.steps.owner import ASSIGN, OWNER
from journeys.steps.run_journey import RUN_JOURNEY
from journeys.steps.score import SCORE
from journeys.steps.send_email import SEND_EMAIL
from journeys.steps.set_attribute import SET_ATTRIBUTE
from journeys.steps.set_stage import SET_STAGE
from journeys.steps.split import SPLIT
from journeys.steps.throttle import THROTTLE
from journeys.steps.wait import WAIT
from journeys.steps.wait_event import WAIT_EVENT
from journeys.steps.wait_until import WAIT_UNTIL
from journeys.steps.webhook import WEBHOOK

KINDS = (
    SEND_EMAIL, MESSAGE,
    WAIT, WAIT_EVENT, WAIT_UNTIL, THROTTLE,
    BRANCH, SPLIT, EXPERIMENT, JUMP_STEP,
    SET_STAGE, SCORE, SET_ATTRIBUTE, TAG, LIST, CONSENT,
    OWNER, ASSIGN, NOTIFY,
    GOAL, RUN_JOURNEY, OTHER_JOURNEY, WEBHOOK, END,
)  # fmt: skip


def register() -> None:
    """Enter the kinds; harmless to repeat."""
    STEP_KINDS.register(*KINDS)
