"""The rules of stages: changing them, and keeping a segment behind each one while its stage model is in use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.errors import Invalid, StaleEdit
from contacts.segments import saving
from contacts.segments.errors import BadRule, Problem
from contacts.segments.models import Purpose, Segment
from contacts.segments.rules.parsing import parse
from contacts.segments.rules.tree import leaves
from contacts.segments.saving import Draft
from contacts.stages.models import Stage, StageModel, StageRule

SIDES = ("entry", "exit")
HIGHEST_PRIORITY = 1_000
LONGEST_STAY = 3_650  # days


@dataclass(frozen=True)
class RuleDraft:
    """What a person writes; a definition is JSON, None for no rule. `minimum_days` are days of 24 hours."""

    entry: Any
    exit: Any
    exit_to: Stage | None
    priority: int
    moves_back: bool
    minimum_days: int


def rule_of(stage: Stage) -> StageRule:
    """Return the rule of a stage, an empty one (not stored) when it has none."""
    return StageRule.objects.filter(stage=stage).first() or StageRule(stage=stage, version=0)


def save(stage: Stage, draft: RuleDraft, *, version: int, now: datetime) -> StageRule:
    """Change a rule that was read at `version`; when its model is in use, people follow within seconds.

    Raises BadRule (places begin with "entry" or "exit"), Invalid, StaleEdit.
    """
    clean = cleaned(stage, draft)
    with transaction.atomic():
        Stage.objects.select_for_update().get(pk=stage.pk)
        rule = rule_of(stage)
        if rule.version != version:
            raise StaleEdit(rule)
        for name, value in clean.items():
            setattr(rule, name, value)
        rule.version = version + 1
        rule.save()
        if stage.model.in_use:
            _sync(rule, now)
            StageModel.objects.filter(pk=stage.model_id).update(swept_at=None)
    return rule


def activate(model: StageModel, now: datetime) -> None:
    """Keep a segment behind each rule of `model`, and none behind rules of others. Harmless to repeat."""
    with transaction.atomic():
        for rule in StageRule.objects.exclude(stage__model=model).exclude(entry_segment=None, exit_segment=None):
            drop(rule, *SIDES)
        for rule in StageRule.objects.filter(stage__model=model).select_related("stage__model"):
            _sync(rule, now)
        StageModel.objects.filter(pk=model.pk).update(sweep_from=None, swept_at=None)


def is_incomplete(model: StageModel) -> bool:
    """Tell whether a rule of `model` has no segment yet."""
    without = Q(entry_segment=None, entry__isnull=False) | Q(exit_segment=None, exit__isnull=False)
    return StageRule.objects.filter(without, stage__model=model).exists()


def cleaned(stage: Stage, draft: RuleDraft) -> dict[str, Any]:
    """Return the columns of a draft, definitions as they are stored. Raises BadRule, Invalid."""
    problems: list[Problem] = []
    stored = {side: _parsed(side, getattr(draft, side), problems) for side in SIDES}
    if problems:
        raise BadRule(problems)
    errors = {}
    if draft.exit_to is not None and (draft.exit_to.model_id != stage.model_id or draft.exit_to == stage):
        errors["exit_to"] = _("Choose another stage of the same model.")
    if not 0 <= draft.priority <= HIGHEST_PRIORITY:
        errors["priority"] = _("A priority is a number from 0 to %(most)d.") % {"most": HIGHEST_PRIORITY}
    if not 0 <= draft.minimum_days <= LONGEST_STAY:
        errors["minimum_days"] = _("A shortest stay is 0 to %(most)d days.") % {"most": LONGEST_STAY}
    if errors:
        raise Invalid(errors)
    names = ("exit_to", "priority", "moves_back", "minimum_days")
    return stored | {name: getattr(draft, name) for name in names}


def _parsed(side: str, definition: Any, problems: list[Problem]) -> Any:
    if definition is None:
        return None
    try:
        rule = parse(definition)
    except BadRule as error:
        problems += [Problem((side, *problem.path), problem.message) for problem in error.problems]
        return None
    if any({"stage", "stage_since"} & {str(leaf.stored().get("field"))} for leaf in leaves(rule.root)):
        message = _("A rule of a stage cannot ask for the stage a person stands in: people would go in circles.")
        problems.append(Problem((side,), message))
    return rule.stored()


def _sync(rule: StageRule, now: datetime) -> None:
    """Give each side of the rule a segment with its definition, and none to a side without one."""
    for side in SIDES:
        definition, segment = getattr(rule, side), getattr(rule, f"{side}_segment")
        if definition is None:
            drop(rule, side)
            continue
        draft = Draft(f"{rule.stage.model.key}/{rule.stage.key}: {side}", "", definition)
        if segment is None:
            made = saving.create(draft, by=None, now=now)
            Segment.objects.filter(pk=made.pk).update(purpose=Purpose.STAGE)
            StageRule.objects.filter(pk=rule.pk).update(**{f"{side}_segment": made})
        elif segment.definition != definition:
            saving.save(segment.pk, segment.version, draft, by=None, now=now)


def drop(rule: StageRule, *sides: str) -> None:
    """Delete the segments behind sides of a rule."""
    for side in sides:
        segment = getattr(rule, f"{side}_segment")
        if segment is not None:
            StageRule.objects.filter(pk=rule.pk).update(**{f"{side}_segment": None})
            Segment.objects.filter(pk=segment.pk).delete()
