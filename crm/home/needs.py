"""What needs the reader now, and the first steps of a new install: two explicit lists for the home page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.in_doubt import in_doubt
from campaigns.templating.models import MailTemplate
from contacts.leads.models import FollowUp
from contacts.leads.queries import unowned_hot
from contacts.people.models import Contact
from contacts.scoring.models import ScoreModel
from crm.team.models import User
from crm.team.permissions import Action, may
from journeys.engine.models import Enrolment
from journeys.journey.models import Journey, JourneyState, JourneyStep

MOST = 5
MANY = 100  # more are not counted, only said to be many


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
    done: QuerySet[Any]  # it is done when this holds a row
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
        Contact.objects.all(),
        "file-import",
    ),
    Step(
        _("Write a mail"),
        _("From blocks, without code, with a preview for every reader."),
        "admin:campaigns_mailtemplate_changelist",
        Action.TEMPLATE_EDIT,
        MailTemplate.objects.filter(starter=""),
        "template",
    ),
    Step(
        _("Say from whom mails come"),
        _("A name and an address that you confirm by a mail to it."),
        "campaigns:senders",
        Action.SENDER_EDIT,
        Sender.objects.exclude(verified_at=None),
        "at",
    ),
    Step(
        _("Send a campaign"),
        _("You see who gets it, who is left out and why, before anything leaves."),
        "campaigns:campaigns",
        Action.CAMPAIGN_LAUNCH,
        Campaign.objects.exclude(launched_at=None),
        "send",
    ),
)


def first_steps(user: User) -> list[tuple[Step, bool]]:
    """Return the steps `user` may take, each with whether it is done; empty when all are."""
    steps = [step for step in FIRST_STEPS if may(user, step.action)]
    if not steps:
        return []
    asked = {f"step_{number}": Exists(step.done) for number, step in enumerate(steps)}
    done = User.objects.filter(pk=user.pk).annotate(**asked).values_list(*asked).get()
    return [] if all(done) else list(zip(steps, done, strict=True))


def _paused(user: User, _now: datetime) -> Iterator[Need]:
    if not may(user, Action.CAMPAIGN_LAUNCH):
        return
    for campaign in Campaign.objects.filter(state=CampaignState.PAUSED).order_by("-pk")[:MOST]:
        text = _("The campaign “%(name)s” is paused.") % {"name": campaign.name}
        yield Need(text, reverse("campaigns:campaign", args=[campaign.pk]), "player-pause", "warn")


def _in_doubt(user: User, _now: datetime) -> Iterator[Need]:
    if not may(user, Action.CAMPAIGN_LAUNCH):
        return
    waiting = in_doubt(user)[:MANY].count()
    if waiting:
        text = ngettext("%(n)s mail may not have arrived.", "%(n)s mails may not have arrived.", waiting)
        shown = f"{MANY - 1}+" if waiting == MANY else str(waiting)
        yield Need(text % {"n": shown}, reverse("campaigns:in-doubt"), "mail-question", "warn")


def _unowned(user: User, now: datetime) -> Iterator[Need]:
    model = ScoreModel.objects.order_by("pk").first()
    if model is None or not may(user, Action.LEAD_TAKE):
        return
    hot = unowned_hot(user, model, now)[:MANY].count()
    if hot:
        text = ngettext("%(n)s hot lead has no owner.", "%(n)s hot leads have no owner.", hot)
        shown = f"{MANY - 1}+" if hot == MANY else str(hot)
        yield Need(text % {"n": shown}, reverse("contacts:leads-unowned"), "flame", "hot")


def _follow_ups(user: User, now: datetime) -> Iterator[Need]:
    if not may(user, Action.LEAD_WORK):
        return
    due = FollowUp.objects.filter(
        due_on__lte=timezone.localdate(now), contact__owner=user, contact__merged_into=None
    ).count()
    if due:
        text = ngettext("%(n)d lead asked to be called by today.", "%(n)d leads asked to be called by today.", due)
        yield Need(text % {"n": due}, reverse("contacts:leads"), "phone")


def _journeys(user: User, _now: datetime) -> Iterator[Need]:
    """Steps that cannot be done, and people for whom one cannot: one row a journey."""
    if not may(user, Action.JOURNEY_EDIT):
        return
    aside = Enrolment.objects.filter(journey=OuterRef("pk"), ended_at=None).exclude(problem="")
    held = JourneyStep.objects.filter(version__journey=OuterRef("pk")).exclude(problem="")
    working = Journey.objects.exclude(state__in=[JourneyState.DRAFT, JourneyState.ARCHIVED])
    broken = working.annotate(held=Exists(held), aside=Exists(aside)).filter(Q(held=True) | Q(aside=True))
    for journey in broken.only("pk", "name").order_by("-pk")[:MOST]:
        text = _("In the journey “%(name)s” people wait because a step cannot be done.") % {"name": journey.name}
        yield Need(text, reverse("journeys:journey", args=[journey.pk]), "route", "warn")


NEEDS: tuple[Callable[[User, datetime], Iterator[Need]], ...] = (
    _paused, _in_doubt, _journeys, _unowned, _follow_ups,
)  # fmt: skip


def needs_of(user: User, now: datetime) -> list[Need]:
    """Return what waits for `user`, the most pressing first."""
    return [need for found in NEEDS for need in found(user, now)]
