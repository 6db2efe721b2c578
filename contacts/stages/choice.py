"""Which stage model is in use, and what becomes of people when another one is chosen."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.errors import Invalid
from contacts.people.models import Contact
from contacts.stages.models import Stage, StageModel
from contacts.stages.moving import move
from contacts.stages.rules import activate
from crm.kit.pace import Pace
from crm.team.models import User

FEWEST, FIRST, MOST = 100, 500, 5_000  # people moved in one transaction: followers wait for it
SECONDS = 0.1  # of a transaction, aimed at


def stages_in_use() -> list[Stage]:
    """Return the stages of the model in use, in order."""
    return list(Stage.objects.filter(model__in_use=True).order_by("position"))


def suggested(old: list[Stage], new: list[Stage]) -> dict[int, int]:
    """Return for each old stage (id) the new one at the same share of the way."""
    last = max(len(old) - 1, 1)
    return {stage.pk: new[round(place / last * (len(new) - 1))].pk for place, stage in enumerate(old)}


def use(model: StageModel, mapping: Mapping[int, int], *, by: User, now: datetime) -> int:
    """Put `model` in use and move everyone along `mapping` (old stage id → new stage id); return how many moved.

    Raises Invalid when a stage that holds people is missing from the mapping, or leads out of `model`. The switch is
    one transaction, the moves follow in ranges; a repeat finishes what was cut short.
    """
    targets = {stage.pk: stage for stage in model.stages.all()}
    held = set(
        Contact.objects.exclude(stage=None).exclude(stage__model=model).values_list("stage_id", flat=True).distinct()
    )
    if any(mapping.get(stage_id) not in targets for stage_id in held):
        raise Invalid({"mapping": _("Choose a new stage for each stage that has people.")})
    with transaction.atomic():
        StageModel.objects.filter(in_use=True).update(in_use=False)
        StageModel.objects.filter(pk=model.pk).update(in_use=True)
        activate(model, now)
    return sum(_move_all(old, targets[mapping[old]], by=by, now=now) for old in sorted(held))


def _move_all(old: int, new: Stage, *, by: User, now: datetime) -> int:
    moved = 0
    waiting = Contact.objects.live().filter(stage=old).order_by("pk").values_list("pk", flat=True)
    pace = Pace(FIRST, least=FEWEST, most=MOST, seconds=SECONDS)
    while people := list(waiting[: pace.width]):
        with pace.timed():
            moved += move(people, new, cause="model", by=by, now=now)
    return moved
