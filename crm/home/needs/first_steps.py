"""The first steps of a new install, shown on home while some are left: one explicit list."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.senders.models import Sender
from campaigns.templating.models import MailTemplate
from contacts.people.models import Contact
from crm.team.models import User
from crm.team.permissions import Action, may


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
