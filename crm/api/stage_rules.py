"""The rules by which people come into stages and leave them. The stages themselves are chosen on their page."""

from dataclasses import replace
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contacts.errors import StaleEdit
from contacts.stages import rules
from contacts.stages.models import Stage, StageRule
from contacts.stages.rules import HIGHEST_PRIORITY, LONGEST_STAY, RuleDraft
from crm.api.attributes import DOOR
from crm.api.fields import Body, Free, Id, Whole, Yes
from crm.api.problems import invalid, stale
from crm.api.route import Asked
from crm.team.permissions import Action

WHERE = "stages/<row:stage_id>/rule"
_PARTS = ("entry", "exit", "priority", "moves_back", "minimum_days")
_EXAMPLE = {"version": 1, "rule": {"all": [{"field": "city", "operator": "is", "value": "부산"}]}}
_SAID = _("As docs/segments.md describes it; null: no such rule.")


class StageRulePatch(Body):
    """What is to change; `version` is that of the rule when it was read."""

    version = Whole(max_value=2**31 - 1)
    entry = Free(required=False, allow_null=True, help_text=_SAID)
    exit = Free(required=False, allow_null=True, help_text=_SAID)
    exit_to_id = Id(required=False, allow_null=True, help_text=_("Null: the next stage."))
    priority = Whole(required=False, max_value=HIGHEST_PRIORITY)
    moves_back = Yes(required=False)
    minimum_days = Whole(required=False, max_value=LONGEST_STAY)


class RuleOfStage(Body):
    """When people come into a stage by themselves, and when they are through with it."""

    stage_id = serializers.IntegerField()
    entry = serializers.DictField(allow_null=True)
    exit = serializers.DictField(allow_null=True)
    exit_to_id = serializers.IntegerField(allow_null=True)
    priority = serializers.IntegerField()
    moves_back = serializers.BooleanField()
    minimum_days = serializers.IntegerField()
    version = serializers.IntegerField()


def _shown(row: StageRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("stage_id", "exit_to_id", "version", *_PARTS)}


@DOOR.get(WHERE, Action.STAGE_EDIT, _("Read the rule of a stage"), gives=RuleOfStage)
def read_rule(asked: Asked, stage_id: int) -> dict[str, Any]:  # noqa: ARG001 - allowed is allowed
    """Return the rule; a stage without one has an empty one of version 0."""
    return _shown(rules.rule_of(_stage(stage_id)))


@DOOR.patch(
    WHERE, Action.STAGE_EDIT, _("Change the rule of a stage"), takes=StageRulePatch, gives=RuleOfStage, refuses=(409,),
    example={"version": 0, "entry": _EXAMPLE, "minimum_days": 7},
    text=_("Where the stages are in use, whoever it concerns is moved within seconds."),
)  # fmt: skip
def change_rule(asked: Asked, stage_id: int) -> dict[str, Any]:
    """Change what is given."""
    stage, body = _stage(stage_id), asked.body
    row = rules.rule_of(stage)
    before = RuleDraft(row.entry, row.exit, row.exit_to, row.priority, row.moves_back, row.minimum_days)
    given = {name: body[name] for name in _PARTS if name in body}
    if "exit_to_id" in body:
        given["exit_to"] = _exit_to(body["exit_to_id"])
    try:
        return _shown(rules.save(stage, replace(before, **given), version=body["version"], now=asked.now))
    except StaleEdit:
        raise stale(_shown(rules.rule_of(stage))) from None


def _exit_to(number: int | None) -> Stage | None:
    found = Stage.objects.filter(pk=number).first() if number else None
    if number and found is None:
        raise invalid("exit_to_id", str(_("There is no row %(number)d.")) % {"number": number})
    return found


def _stage(stage_id: int) -> Stage:
    return get_object_or_404(Stage.objects.select_related("model"), pk=stage_id)
