"""People move between stages by themselves: as segments say, when a shortest stay ends, after a rule was changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from contacts.ledger.batch import Batch
from contacts.ledger.followers import Follower
from contacts.ledger.ticks import Tick
from contacts.segments.models import Segment
from contacts.stages.judging import judge
from contacts.stages.models import StageModel, StageRule
from contacts.stages.rules import activate, is_incomplete
from crm.kit.pace import Pace

FEWEST, MOST = 200, 5_000  # people judged in one transaction of a sweep
SECONDS = 0.1  # of such a transaction, aimed at
CHANGES = 1_000  # of people who came into or out of what rules ask for, in one batch: moving each costs some 0.1 ms
_MINUTE = timedelta(minutes=1)
# Asked four times a second: one statement, which locks nothing, tells whether there may be something to do.
_DUE = """
SELECT EXISTS (
    SELECT FROM contacts_stagemodel m WHERE m.in_use AND (
        m.sweep_from IS NOT NULL OR m.stays_until IS NULL OR m.stays_until <= %s
        OR EXISTS (
            SELECT FROM contacts_stagerule r JOIN contacts_stage s ON s.id = r.stage_id
            LEFT JOIN contacts_segment g ON g.id IN (r.entry_segment_id, r.exit_segment_id)
            WHERE s.model_id = m.id AND (
                (r.entry IS NOT NULL AND r.entry_segment_id IS NULL)
                OR (r.exit IS NOT NULL AND r.exit_segment_id IS NULL)
                OR (g.built_at IS NOT NULL AND (m.swept_at IS NULL OR g.built_at > m.swept_at))
            )
        )
    )
)
"""
_CHANGED = """
SELECT e.contact_id, s.key::bigint, max(e.id) FROM {rows} AS e
JOIN ledger_subject s ON s.id = e.subject_id AND s.type = 'segment'
WHERE s.key IN (
    SELECT entry_segment_id::text FROM contacts_stagerule UNION ALL SELECT exit_segment_id::text FROM contacts_stagerule
)
GROUP BY e.contact_id, s.key
"""


def apply(cursor: CursorWrapper, batch: Batch) -> None:
    """Judge everybody who came into or out of what a rule asks for."""
    cursor.execute(_CHANGED.format(rows=batch.rows))
    causes = {(contact, segment): event for contact, segment, event in cursor.fetchall()}
    if causes:
        people = sorted({contact for contact, _segment in causes})
        judge("c.id = ANY(%s)", [people], now=batch.now, causes=causes)


STAGES = Follower(
    "stages", apply, kinds=lambda: ["stage_rule.began", "stage_rule.ended"], inputs=("segments",), most=CHANGES
)


class Sweep:
    """Judges the next people whose shortest stay is over, or of everybody after a rule's segment was built anew."""

    def __init__(self) -> None:
        self._pace = Pace(FEWEST, least=FEWEST, most=MOST, seconds=SECONDS)

    def run(self, now: datetime) -> int:
        """Judge one range, as wide as was short enough before, and return how much was done."""
        if not _is_due(now):
            return 0
        with transaction.atomic():
            model = StageModel.objects.select_for_update(skip_locked=True).filter(in_use=True).first()
            if model is None:
                return 0
            if is_incomplete(model):
                activate(model, now)
                return 1
            return _stays(model, now) + _everybody(model, now, self._pace)


def _is_due(now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now - _MINUTE])
        return bool(cursor.fetchone()[0])


def _stays(model: StageModel, now: datetime) -> int:
    """Judge those whose shortest stay ended since the last look; once a minute."""
    since = model.stays_until or now - _MINUTE
    if now - since < _MINUTE and model.stays_until is not None:
        return 0
    StageModel.objects.filter(pk=model.pk).update(stays_until=now)
    over = 0
    for rule in StageRule.objects.filter(stage__model=model, minimum_days__gt=0):
        stay = timedelta(days=rule.minimum_days)
        ended = "c.stage_id = %s AND c.stage_since > %s AND c.stage_since <= %s"
        over += judge(ended, [rule.stage_id, since - stay, now - stay], now=now)
    return over


def _everybody(model: StageModel, now: datetime, pace: Pace) -> int:
    """Go on with a sweep of everybody; begin one when a segment of the rules was built since the last began."""
    if model.sweep_from is None:
        if not _built_since(model):
            return 0
        model.sweep_from, model.swept_at = 0, now
    with pace.timed() as most:
        ids = _next_people(model.sweep_from, most)
        model.sweep_from = ids[-1] if len(ids) == most else None
        model.save(update_fields=["sweep_from", "swept_at"])
        return judge("c.id = ANY(%s)", [ids], now=now) if ids else 0


def _built_since(model: StageModel) -> bool:
    """Tell whether all segments of the rules are built, one of them after the last sweep began."""
    rules = StageRule.objects.filter(stage__model=model)
    numbers = {number for pair in rules.values_list("entry_segment", "exit_segment") for number in pair if number}
    built = list(Segment.objects.filter(pk__in=numbers).values_list("built_at", flat=True))
    if not built or None in built:
        return False
    return model.swept_at is None or any(at > model.swept_at for at in built if at)


def _next_people(after: int, most: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM contacts_contact WHERE id > %s AND merged_into_id IS NULL ORDER BY id LIMIT %s",
            [after, most],
        )
        return [number for (number,) in cursor.fetchall()]


SWEEP = Tick("stages", Sweep().run)
