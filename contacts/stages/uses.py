"""Stages whose rules read a segment: it cannot be deleted while they do."""

from django.utils.translation import gettext_lazy

from contacts.segments.uses import Use, page_of
from contacts.stages.models import Stage


def _of(segment_id: int) -> list[tuple[str, str]]:
    entering = Stage.objects.filter(rule__entry_segment__reads__contains=[segment_id])
    leaving = Stage.objects.filter(rule__exit_segment__reads__contains=[segment_id])
    stages = (entering | leaving).distinct().order_by("position")
    return [(stage.label, page_of("contacts:stage-rule", stage.pk)) for stage in stages]


STAGE_USE = Use("stage", gettext_lazy("Stage"), _of)
