"""What needs the reader now, and the first steps of a new install: two explicit lists for the home page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.campaign.models import Campaign, CampaignState
from contacts.leads.models import FollowUp
from contacts.people.models import Contact
from crm.home.lifecycle import people_url
from crm.team.models import User
from crm.team.permissions import Action, may

MOST = 5


@dataclass(frozen=True)
class Need:
    """One thing that waits for the reader."""

    text: str
    url: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Step:
    """One of the first steps: what to do, why, where, and whether it was done."""

    label: Any
    why: Any
    url_name: str
    action: Action
    done: Callable[[], bool]
    icon: str

    @property
    def url(self) -> str:
        """The page on which it is done."""
        return reverse(self.url_name)


FIRST_STEPS: tuple[Step, ...] = (
    Step(
        _("Bring in your people"),
        _("A CSV from Excel is enough. You see what would happen before anything is kept."),
        "contacts:import_upload",
        Action.CONTACT_IMPORT,
        Contact.objects.exists,
        "file-import",
    ),
)


def first_steps(user: User) -> list[tuple[Step, bool]]:
    """Return the steps `user` may take, each with whether it is done; empty when all are."""
    steps = [(step, step.done()) for step in FIRST_STEPS if may(user, step.action)]
    return [] if all(done for _step, done in steps) else steps


def _paused(user: User, _now: datetime) -> Iterator[Need]:
    if not may(user, Action.CAMPAIGN_LAUNCH):
        return
    for campaign in Campaign.objects.filter(state=CampaignState.PAUSED)[:MOST]:
        text = _("The campaign “%(name)s” is paused.") % {"name": campaign.name}
        yield Need(str(text), reverse("home"), "player-pause", "warn")


def _follow_ups(user: User, now: datetime) -> Iterator[Need]:
    if not may(user, Action.LEAD_WORK):
        return
    due = FollowUp.objects.filter(
        due_on__lte=timezone.localdate(now), contact__owner=user, contact__merged_into=None
    ).count()
    if due:
        text = ngettext("%(n)d lead asked to be called by today.", "%(n)d leads asked to be called by today.", due)
        yield Need(text % {"n": due}, people_url(owner="me"), "phone")


NEEDS: tuple[Callable[[User, datetime], Iterator[Need]], ...] = (_paused, _follow_ups)


def needs_of(user: User, now: datetime) -> list[Need]:
    """Return what waits for `user`, the most pressing first."""
    return [need for found in NEEDS for need in found(user, now)]
