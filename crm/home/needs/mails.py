"""Campaigns, mails and journeys that wait for the reader."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from campaigns.campaign.models import Campaign, CampaignState
from campaigns.senders.models import Sender
from campaigns.sending.in_doubt import in_doubt
from crm.home.models import Alarm
from crm.home.needs.waiting import Asked, Waiting
from crm.team.permissions import Action
from journeys.journey import attention
from journeys.journey.models import Journey

OF_MAILS = ("bounces", "complaints")  # the alarms that whoever sends can do something about


def _paused(_asked: Asked) -> QuerySet[Campaign]:
    return Campaign.objects.filter(state=CampaignState.PAUSED)


def _scheduled(_asked: Asked) -> QuerySet[Campaign]:
    return Campaign.objects.filter(state=CampaignState.SCHEDULED)


def _doubted(asked: Asked) -> QuerySet[Any]:
    return in_doubt(asked.user)


def _stuck(_asked: Asked) -> QuerySet[Journey]:
    return attention.stuck()


def _unpublished(_asked: Asked) -> QuerySet[Journey]:
    return attention.unpublished()


def _unproved(_asked: Asked) -> QuerySet[Sender]:
    return Sender.objects.filter(verified_at=None)


def _refused(_asked: Asked) -> QuerySet[Alarm]:
    return Alarm.objects.filter(key__in=OF_MAILS).exclude(raised_at=None)


STOPPED = (
    Waiting(
        (Action.CAMPAIGN_LAUNCH, Action.HEALTH_VIEW), _refused,
        _("More mails come back or are reported as spam than is good. See how mails arrive."),
        "health", "mail-x", "warn",
    ),
    Waiting(
        (Action.CAMPAIGN_LAUNCH,), _paused, _("%(n)s campaigns are paused."),
        "campaigns:campaigns", "player-pause", "warn", {"state": CampaignState.PAUSED.value},
        one=_("The campaign “%(name)s” is paused."), named="name", page="campaigns:campaign",
    ),
    Waiting(
        (Action.CAMPAIGN_LAUNCH,), _doubted,
        ngettext_lazy("%(n)s mail may not have arrived.", "%(n)s mails may not have arrived.", "count"),
        "campaigns:in-doubt", "mail-question", "warn",
    ),
    Waiting(
        (Action.JOURNEY_EDIT,), _stuck, _("In %(n)s journeys people wait because a step cannot be done."),
        "journeys:journeys", "route", "warn", {"only": "stuck"},
        one=_("In the journey “%(name)s” people wait because a step cannot be done."),
        named="name", page="journeys:journey",
    ),
)  # fmt: skip

WAITING = (
    Waiting(
        (Action.CAMPAIGN_LAUNCH,), _scheduled,
        _("%(n)s campaigns are scheduled. Look at them once more before they leave."),
        "campaigns:campaigns", "calendar", query={"state": CampaignState.SCHEDULED.value},
        one=_("The campaign “%(name)s” is scheduled. Look at it once more before it leaves."),
        named="name", page="campaigns:campaign",
    ),
    Waiting(
        (Action.JOURNEY_EDIT,), _unpublished, _("%(n)s journeys have changes that are not published."),
        "journeys:journeys", "pencil", query={"only": "unpublished"},
        one=_("The journey “%(name)s” has changes that are not published."), named="name", page="journeys:journey",
    ),
    Waiting(
        (Action.SENDER_EDIT,), _unproved, _("%(n)s senders have not confirmed their address."),
        "campaigns:senders", "at", one=_("The sender “%(name)s” has not confirmed its address."), named="name",
    ),
)  # fmt: skip
