"""How a segment stands: set aside with a sentence while its rule cannot be read or asked, and taken back after that."""

from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from contacts.segments.index import Index
from contacts.segments.models import Segment, SegmentBuild, SegmentState
from crm.kit.work import WorkState

# A build in one of these was ended by a person or an error; its segment waits for a person.
_ENDED = (WorkState.FAILED, WorkState.CANCELLED)


def mend(index: Index, now: datetime) -> None:
    """Set aside the segments whose rules cannot be read any more, and count those anew that can be read again."""
    for segment_id, state in Segment.objects.order_by("pk").values_list("pk", "state"):
        entry = index.entries.get(segment_id)
        if entry is None:
            continue
        if entry.rule is None and state != SegmentState.BROKEN:
            set_aside(segment_id, entry.problem, now, build=WorkState.DONE)
        elif entry.rule is not None and state == SegmentState.BROKEN:
            _heal(segment_id, now)


def _heal(segment_id: int, now: datetime) -> None:
    with transaction.atomic():
        segment = Segment.objects.select_for_update().filter(pk=segment_id, state=SegmentState.BROKEN).first()
        build = SegmentBuild.objects.filter(segment=segment_id).first()
        if segment is not None and (build is None or build.state not in _ENDED):
            queue_build(segment, now)


def queue_build(segment: Segment, now: datetime) -> None:
    """Have the members found from scratch; a running build of the segment ends. The caller holds the segment's row."""
    fresh = {
        "state": WorkState.READY, "due_at": now, "lease_until": None, "attempts": 0, "last_error": "",
        "read_to": None, "began_at": None, "upto": 0, "entered": 0, "left": 0,
    }  # fmt: skip
    build, made = SegmentBuild.objects.get_or_create(segment=segment, defaults=fresh)
    if not made:
        SegmentBuild.objects.filter(pk=build.pk).update(**fresh)
    Segment.objects.filter(pk=segment.pk).update(state=SegmentState.BUILDING, problem="")


def set_aside(segment_id: int, problem: str, now: datetime, *, build: WorkState = WorkState.FAILED) -> None:
    """Stop changing the members of a segment, and say why; `build` is how its build ends. Harmless to repeat."""
    with transaction.atomic():
        if not Segment.objects.select_for_update().filter(pk=segment_id).exists():
            return
        ended = {"state": build, "lease_until": None, "due_at": now}
        SegmentBuild.objects.filter(segment=segment_id).update(**ended)
        Segment.objects.filter(pk=segment_id).update(state=SegmentState.BROKEN, problem=problem)


def unanswered(error: DatabaseError) -> str:
    """Return the sentence for a rule that PostgreSQL cannot answer."""
    return _("The rule cannot be answered: %(error)s") % {"error": str(error).strip()[:300]}
