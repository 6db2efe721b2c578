"""Stages whose rules read a segment: it cannot be deleted while they do."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy

from contacts.segments.uses import Use, page_of
from contacts.stages.models import Stage


def _of(segment_id: int) -> list[tuple[str, str]]:
    entering = Stage.objects.filter(rule__entry_segment__reads__contains=[segment_id])
    leaving = Stage.objects.filter(rule__exit_segment__reads__contains=[segment_id])
    stages = (entering | leaving).distinct().order_by("position")
    return [(stage.label, page_of("contacts:stage-rule", stage.pk)) for stage in stages]


def _used(segment_ids: Collection[int]) -> list[int]:
    sides = ("rule__entry_segment__reads", "rule__exit_segment__reads")
    read = Q(**{f"{sides[0]}__overlap": list(segment_ids)}) | Q(**{f"{sides[1]}__overlap": list(segment_ids)})
    rows = Stage.objects.filter(read).values_list(*sides)
    return [segment for entry, leave in rows for segment in {*(entry or ()), *(leave or ())}]


STAGE_USE = Use("stage", gettext_lazy("Stage"), _of, _used)
