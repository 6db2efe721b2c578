"""What waits for whoever looks after the install: alarms, webhooks, stages without rules, colleagues' log-ins."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.hooks.models import Hook, HookState
from contacts.privacy.models import Erasure
from contacts.segments.models import Purpose, Segment, SegmentState
from crm.home.models import Alarm
from crm.home.needs.mails import OF_MAILS
from crm.home.needs.waiting import Asked, Waiting
from crm.team.models import User
from crm.team.permissions import Action
from crm.team.second_factor.factor import lacking


def _alarms(_asked: Asked) -> QuerySet[Alarm]:
    return Alarm.objects.exclude(raised_at=None).exclude(key__in=OF_MAILS)


def _erasures(_asked: Asked) -> QuerySet[Erasure]:
    return Erasure.objects.filter(finished_at=None).exclude(last_error="")


def _hooks(_asked: Asked) -> QuerySet[Hook]:
    return Hook.objects.filter(Q(state=HookState.OFF) | Q(state=HookState.ACTIVE, failing_since__isnull=False))


def _stages(_asked: Asked) -> QuerySet[Segment]:
    return Segment.objects.filter(purpose=Purpose.STAGE, state=SegmentState.BROKEN)


def _without_code(_asked: Asked) -> QuerySet[User]:
    return lacking()


_HEALTH: dict[str, Any] = {"url_name": "health", "icon": "activity-heartbeat", "tone": "warn"}
BROKEN = (
    Waiting(
        (Action.SETTINGS_EDIT, Action.HEALTH_VIEW), _alarms,
        ngettext_lazy("%(n)s alarm stands: something of the install does not work as it should.",
                      "%(n)s alarms stand: something of the install does not work as it should.", "count"),
        **_HEALTH,
    ),
    Waiting(
        (Action.CONTACT_DELETE,), _erasures,
        ngettext_lazy("%(n)s erasure of personal data does not come to its end.",
                      "%(n)s erasures of personal data do not come to their end.", "count"),
        "contacts:erasures", "eraser", "warn", page="contacts:erasure",
    ),
)  # fmt: skip

WAITING = (
    Waiting(
        (Action.STAGE_EDIT,), _stages,
        ngettext_lazy("%(n)s rule of a stage cannot be used any more: people no longer move by it.",
                      "%(n)s rules of stages cannot be used any more: people no longer move by them.", "count"),
        "contacts:stage-models", "stairs", "warn",
    ),
    Waiting(
        (Action.WEBHOOK_EDIT,), _hooks, _("%(n)s webhooks fail or were switched off after failing."),
        "contacts:webhooks", "webhook", "warn",
        one=_("The webhook “%(name)s” fails or was switched off after failing."),
        named="name", page="contacts:webhook",
    ),
    Waiting(
        (Action.USER_EDIT,), _without_code,
        _("%(n)s colleagues have no second factor yet, though they must have one."),
        "admin:team_user_changelist", "shield-off", query={"second_factor": "lacking"},
        one=_("%(name)s has no second factor yet, though their role needs one."), named="name",
    ),
)  # fmt: skip
