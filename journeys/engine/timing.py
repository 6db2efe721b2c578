"""Ways in that time alone opens: each journey is asked for the time since it was asked last: nothing is left out."""

import logging
from datetime import datetime, timedelta

from django.db import DataError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.segments.moments import moment_at
from contacts.segments.rules.sql import compose
from journeys.engine import live
from journeys.engine.live import LiveTrigger
from journeys.journey.models import Journey, JourneyState

log = logging.getLogger(__name__)

BETWEEN = timedelta(seconds=30)  # between two looks at one journey
_START = """
INSERT INTO journeys_startrequest (journey_id, contact_id, key, at, cause, facts)
SELECT %s, s.contact_id, left(coalesce(s.key, ''), 120), s.at, s.cause, s.facts
FROM ({due}) AS s (contact_id, key, at, cause, facts)
"""


def ask_due(now: datetime) -> int:
    """Ask every running journey with triggers of time whose time has come; return how many people were asked for."""
    waiting = Journey.objects.filter(state=JourneyState.RUNNING, timed_to__lt=now - BETWEEN).order_by("pk")
    return sum(_ask(journey_id, now) for journey_id in waiting.values_list("pk", flat=True))


def _ask(journey_id: int, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        mine = Journey.objects.select_for_update(skip_locked=True, no_key=True)
        journey = mine.filter(pk=journey_id, state=JourneyState.RUNNING, timed_to__lt=now - BETWEEN).first()
        if journey is None or journey.timed_to is None:
            return 0
        Journey.objects.filter(pk=journey_id).update(timed_to=now)
        triggers = [one for one in live.current().triggers if one.journey_id == journey_id]
        return sum(_request(cursor, trigger, journey.timed_to, now) for trigger in triggers)


def _request(cursor: CursorWrapper, trigger: LiveTrigger, since: datetime, now: datetime) -> int:
    try:
        with transaction.atomic():
            due = trigger.kind.due(trigger.cleaned, since, now, moment_at(now))
            if due is None:
                return 0
            statement = compose(_START, trigger.journey_id, due=due)
            cursor.execute(statement.text, statement.params)
            return int(cursor.rowcount)
    except (DataError, ProgrammingError):  # one way in must not stop the others
        log.exception("trigger %s of journey %s cannot be asked", trigger.key, trigger.journey_id)
        return 0
