"""The form of a stage's plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.campaign.models import Campaign
from campaigns.templating.models import MailTemplate
from contacts.account_roles.models import AccountRole
from contacts.stages.models import Team
from crm.home.models import StagePlan
from crm.kit.locking import Lockable
from journeys.journey.models import Journey

OFFERED = 500  # campaigns and templates, the newest


def _named(model: Any) -> list[tuple[int, str]]:
    return list(model.objects.order_by("-pk").values_list("pk", "name")[:OFFERED])


def _roles() -> list[tuple[str, str]]:
    return [(role.key, role.label) for role in AccountRole.objects.all()]


_LONG: dict[str, Any] = {"widget": forms.Textarea({"rows": 2}), "required": False, "max_length": 1000}
_NUMBERS: dict[str, Any] = {"coerce": int, "required": False, "widget": forms.SelectMultiple({"size": 5})}


class PlanForm(Lockable):
    """What is planned for one stage, and which team answers for it."""

    team = forms.ChoiceField(label=_("Responsible team"), choices=Team.choices)
    roles = forms.MultipleChoiceField(label=_("Active roles"), required=False, widget=forms.CheckboxSelectMultiple)
    first_touch = forms.CharField(label=_("First touch point"), required=False, max_length=300)
    experience = forms.CharField(label=_("Expected experience"), **_LONG)
    moments = forms.CharField(label=_("Moments that matter"), **_LONG)
    technology = forms.CharField(label=_("Technology"), required=False, max_length=300)
    templates = forms.TypedMultipleChoiceField(label=_("Mail templates"), **_NUMBERS)
    campaigns = forms.TypedMultipleChoiceField(label=_("Campaigns"), **_NUMBERS)
    journeys = forms.TypedMultipleChoiceField(label=_("Journeys"), **_NUMBERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {"roles": _roles(), "templates": _named(MailTemplate), "campaigns": _named(Campaign)}
        for name, choices in (offered | {"journeys": _named(Journey)}).items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # all four are choices

    @classmethod
    def of(cls, plan: StagePlan) -> "PlanForm":
        """Return the form of what is stored."""
        values = {name: getattr(plan, name) for name in StagePlan.WRITTEN}
        form = cls(initial=values | {"team": plan.stage.team, "version": plan.version})
        form.opened()
        return form

    def written(self) -> dict[str, Any]:
        """Return the columns of the plan as typed."""
        return {name: self.cleaned_data[name] for name in StagePlan.WRITTEN}
