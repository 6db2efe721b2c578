"""What is to be done next about a person: one sentence for the head of her page. Apps above add what they plan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from contacts.leads.models import Outcome
from contacts.people.models import Contact
from crm.kit import figures
from crm.kit.registry import Registry
from crm.team.models import User
from crm.team.permissions import may


@dataclass(frozen=True)
class NextStep:
    """A sentence with an icon, an address that tells more ("" for none), and whether somebody should act now."""

    text: str
    icon: str
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Planner:
    """One source of next steps: `plan(contact, reader, now)` returns one or None, in at most one query."""

    key: str
    plan: Callable[[Contact, User, datetime], NextStep | None]


PLANNERS: Registry[Planner] = Registry("planners of next steps", Planner, lambda row: row.key)


def next_step(contact: Contact, reader: User, now: datetime) -> NextStep | None:
    """Return the first step that anybody plans: a promised call, a hot lead without one, then what runs by itself."""
    return next((step for row in PLANNERS if (step := row.plan(contact, reader, now)) is not None), None)


def _promised(contact: Contact, _reader: User, now: datetime) -> NextStep | None:
    """Tell of the day that a colleague named after a call."""
    follow_up = getattr(contact, "follow_up", None)
    if follow_up is None or follow_up.outcome != Outcome.LATER:
        return None
    if follow_up.due_on <= timezone.localdate(now):
        return NextStep(_("Call today: it was promised"), "phone-call", urgent=True)
    return NextStep(_("Call again on %(day)s") % {"day": figures.calendar_day(follow_up.due_on)}, "calendar")


def _hot(contact: Contact, reader: User, now: datetime) -> NextStep | None:
    """Tell of a hot lead that nobody called since; what was read with the person (views.door.person)."""
    hot_at, called_at = getattr(contact, "hot_at", None), getattr(contact, "called_at", None)
    if hot_at is None or (called_at is not None and called_at > hot_at) or not may(reader, "lead.work"):
        return None
    since = timesince(hot_at, now).split(",")[0]
    return NextStep(_("Call: hot for %(since)s, not called yet") % {"since": since}, "flame", urgent=True)


PLANNERS.register(Planner("promised", _promised), Planner("hot", _hot))
