"""What the trail knows of home: the plan of each stage."""

from django.utils.translation import gettext_lazy as _

from crm.home.models import StagePlan
from crm.team.permissions import Action
from crm.team.trail.kinds import Kind, Table

PLAN = Kind(
    "stage_plan",
    _("Plan of a stage"),
    Action.STAGE_EDIT,
    (Table(StagePlan, id="stage_id", labels=(), left_out=("version", "changed_by_id", "changed_at")),),
    "plan-stage",
)
