"""Alarms to admins, by mail and notice. One begins when a signal is bad on two looks, and ends after five calm minutes.

No alarm is told more than once an hour, however often it comes and goes; whoever was told of it is told of its end.

quiet ──bad──> noticed ──still bad──> raised ──calm──> calming ──calm for 5 min──> quiet
           <──calm──┘                    ^──────bad──────┘
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.ledger.ticks import Tick
from crm.home.health.heartbeats import WORKER, Pace
from crm.home.health.signals import Signal, signals
from crm.home.models import Alarm
from crm.kit import clock
from crm.team import notices
from crm.team.models import Role, User

logger = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two looks of one process
STILL_BAD = timedelta(seconds=55)  # longer than workers need after a start to give a sign
CALM = timedelta(minutes=5)
AGAIN = timedelta(hours=1)
_LOCK = 7_238  # advisory lock: one look at a time


def look(now: datetime) -> list[str]:
    """Look at all signals, move the alarms, tell the admins; return the keys of which something was told.

    Does nothing while another process looks.
    """
    found = signals(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return []
        alarms = Alarm.objects.in_bulk()
        return [one.key for one in found if _step(alarms.get(one.key) or Alarm(key=one.key), one, now)]


def raised() -> set[str]:
    """Return the keys of the alarms that stand."""
    return set(Alarm.objects.exclude(raised_at=None).values_list("key", flat=True))


def _step(alarm: Alarm, signal: Signal, now: datetime) -> bool:
    """Move one alarm and write it where it changed; tell whether admins were told something."""
    before = (alarm.bad_since, alarm.good_since, alarm.raised_at, alarm.told)
    is_on = signal.is_bad or (alarm.raised_at is not None and not signal.is_calm)
    told = _bad(alarm, signal, now) if is_on else _calm(alarm, signal, now)
    if (alarm.bad_since, alarm.good_since, alarm.raised_at, alarm.told) != before:
        alarm.save()
    return told


def _bad(alarm: Alarm, signal: Signal, now: datetime) -> bool:
    alarm.good_since = None
    alarm.bad_since = alarm.bad_since or now
    if alarm.raised_at is None and now - alarm.bad_since >= STILL_BAD:
        alarm.raised_at = now
        logger.error("alarm %s: %s", signal.key, signal.text)
    may_tell = alarm.told_at is None or now - alarm.told_at >= AGAIN
    if alarm.raised_at is None or alarm.told or not may_tell:
        return False
    alarm.told, alarm.told_at = True, now
    _tell(signal, now)
    return True


def _calm(alarm: Alarm, signal: Signal, now: datetime) -> bool:
    alarm.bad_since = None
    if alarm.raised_at is None:
        return False
    alarm.good_since = alarm.good_since or now
    if now - alarm.good_since < CALM:
        return False
    logger.info("alarm %s is over", signal.key)
    told, alarm.raised_at, alarm.good_since, alarm.told = alarm.told, None, None, False
    if told:
        _tell(signal, now, over=True)
    return told


def _tell(signal: Signal, now: datetime, *, over: bool = False) -> None:
    notices.tell(_news(signal, over=over), by_mail=True, now=now)


def _news(signal: Signal, *, over: bool) -> Iterable[notices.News]:
    url = reverse("health")
    for admin in User.objects.filter(role=Role.ADMIN, is_active=True):
        with translation.override(admin.language):
            if over:
                yield notices.News(admin, _("All clear: %(what)s") % {"what": signal.label}, url, "circle-check")
            else:
                yield notices.News(admin, f"{signal.text} {signal.remedy}", url, "alert-triangle")


# --- the follow process looks too: it lives on when workers or broker do not ---
_OF_FOLLOW = Pace(EVERY)


def _tick(now: datetime) -> int:
    if _OF_FOLLOW.due() and look(now) and WORKER in raised():
        notices.mail_due(clock.now)  # no worker is there to mail it
    return 0


LOOK = Tick("health.alarms", _tick)
