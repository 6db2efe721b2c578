"""What the page of the plan shows: each stage with its plan in words, and the real flow between stages beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.campaign.models import Campaign
from campaigns.templating.models import MailTemplate
from contacts.account_roles.models import AccountRole
from contacts.people.models import Contact
from contacts.stages.models import Stage
from crm.home import lifecycle, moves
from crm.home.models import StagePlan
from crm.kit.charts import Chart
from crm.team.models import User
from crm.team.permissions import Action, may
from journeys.journey.models import Journey

WINDOWS = (30, 90, 365)  # days


@dataclass(frozen=True)
class Message:
    """A mail template, campaign or journey of the plan; `url` is "" for who may not open it."""

    name: str
    icon: str
    url: str


@dataclass(frozen=True)
class Planned:
    """A stage with its plan in words."""

    stage: Stage
    plan: StagePlan
    roles: Sequence[str]
    messages: Sequence[Message]


@dataclass(frozen=True)
class RealFlow:
    """How many people went from one stage (None: from none) to another; `kind` is next, jump, back or start."""

    origin: str | None
    to: str
    people: int
    kind: str
    url: str

    @property
    def is_planned(self) -> bool:
        """Tell whether the plan knows this way: from stage to stage, and in at the first."""
        return self.kind == "next"


# (column of the plan, model, icon, page, who may open it)
_MESSAGES: tuple[tuple[str, Any, str, str, Action], ...] = (
    ("templates", MailTemplate, "template", "admin:campaigns_mailtemplate_change", Action.TEMPLATE_VIEW),
    ("campaigns", Campaign, "send", "campaigns:campaign", Action.CAMPAIGN_VIEW),
    ("journeys", Journey, "route", "journeys:journey", Action.JOURNEY_VIEW),
)


def planned(user: User, stages: Iterable[Stage]) -> list[Planned]:
    """Return the plan of each stage, in five queries; what was deleted since is left out."""
    plans = {plan.stage_id: plan for plan in StagePlan.objects.filter(stage__in=stages)}
    found = {stage: plans.get(stage.pk) or StagePlan(stage=stage, version=0) for stage in stages}
    roles = {role.key: role.label for role in AccountRole.objects.all()}
    messages = _messages(user, list(plans.values()))
    return [
        Planned(
            stage,
            plan,
            [roles[key] for key in plan.roles if key in roles],
            [messages[name, pk] for name, *_rest in _MESSAGES for pk in getattr(plan, name) if (name, pk) in messages],
        )
        for stage, plan in found.items()
    ]


def _messages(user: User, plans: Sequence[StagePlan]) -> dict[tuple[str, int], Message]:
    found = {}
    for name, model, icon, page, action in _MESSAGES:
        numbers = {pk for plan in plans for pk in getattr(plan, name)}
        rows = model.objects.filter(pk__in=numbers).values_list("pk", "name") if numbers else []
        for pk, label in rows:
            found[name, pk] = Message(label, icon, reverse(page, args=[pk]) if may(user, action) else "")
    return found


def real_flows(user: User, stages: Sequence[Stage], days: int, now: datetime) -> list[RealFlow]:
    """Return how people whom `user` may see moved in so many days, the largest flow first."""
    rows, _turnover = moves.counted(Contact.objects.visible_to(user), now, timedelta(days=days))
    known = {str(stage.pk): stage for stage in stages}
    flows = [
        _flow(known.get(origin or ""), known[to], people, days, stages)
        for origin, to, people in rows
        if to in known and origin != to and (origin is None or origin in known)
    ]
    return sorted(flows, key=lambda flow: (-flow.people, flow.origin or "", flow.to))


def _flow(origin: Stage | None, to: Stage, people: int, days: int, stages: Sequence[Stage]) -> RealFlow:
    places = {stage.pk: place for place, stage in enumerate(stages)}
    step = places[to.pk] - (places[origin.pk] if origin else -1)
    kind = "next" if step == 1 else "back" if step < 0 else "jump" if origin else "start"
    url = lifecycle.moved_url(str(origin.pk) if origin else "none", to.pk, days)
    return RealFlow(origin.label if origin else None, to.label, people, kind, url)


def chart(flows: Iterable[RealFlow]) -> Chart:
    """Return the flows as ribbons from stages on the left to stages on the right, so that none runs in a ring."""
    rows = tuple((flow.origin or _("No stage"), f"→ {flow.to}", flow.people) for flow in flows)
    return Chart("flow", "sankey", (pgettext("flow", "From"), pgettext("flow", "To"), _("People")), rows)
