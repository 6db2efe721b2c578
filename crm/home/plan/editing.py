"""Changing the plan of a stage. Called by the page; a repeat changes nothing."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.stages.models import Stage
from crm.home.models import StagePlan
from crm.team.models import User


class StalePlan(Exception):
    """Somebody else saved the plan of this stage since it was opened."""


def plan_of(stage: Stage) -> StagePlan:
    """Return what is planned for a stage; an empty plan of version 0 while nothing is."""
    return StagePlan.objects.filter(stage=stage).first() or StagePlan(stage=stage, version=0)


@transaction.atomic
def save(stage: Stage, fields: dict[str, Any], team: str, *, version: int, by: User, now: datetime) -> StagePlan:
    """Write down the plan of a stage that was read at `version`, and which team answers for it. Raises StalePlan."""
    StagePlan.objects.get_or_create(stage=stage, defaults={"version": 0})
    written = fields | {"version": F("version") + 1, "changed_by": by, "changed_at": now}
    if not StagePlan.objects.filter(stage=stage, version=version).update(**written):
        raise StalePlan
    if stage.team != team:
        Stage.objects.filter(pk=stage.pk).update(team=team)
    return StagePlan.objects.get(stage=stage)
